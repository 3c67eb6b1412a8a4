// Bundles the pages: `src/pages/*.ts` → `dist/`, hashed names, one HTML shell each.
// `--tests` bundles `tests/*.test.ts` for node's own test runner instead.
import { build } from "esbuild";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const at = (...parts) => join(here, ...parts);

const SHELLS = ["today", "timetable", "teach", "room", "library", "status", "sign-in", "missing"];

const shared = {
  bundle: true,
  format: "esm",
  target: "es2022",
  tsconfig: at("tsconfig.json"),
  logLevel: "warning",
};

async function buildPages() {
  const fresh = at("dist.new");
  await rm(fresh, { recursive: true, force: true });
  const result = await build({
    ...shared,
    entryPoints: [
      ...SHELLS.map((name) => at("src/pages", `${name}.ts`)),
      at("src/ui/base.css"),
      at("src/ui/icon.svg"),
    ],
    outdir: join(fresh, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".svg": "copy" },
    splitting: true,
    minify: true,
    sourcemap: true,
    metafile: true,
  });
  const built = assetsBySource(result.metafile);
  const template = await readFile(at("src/pages/shell.html"), "utf8");
  for (const name of SHELLS) {
    await writeFile(join(fresh, `${name}.html`), shell(template, name, built));
  }
  await rm(at("dist"), { recursive: true, force: true });
  await rename(fresh, at("dist"));
}

/** Source file name → what the page must ask for. */
function assetsBySource(metafile) {
  const found = new Map();
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (path.endsWith(".map")) continue;
    const source = output.entryPoint ?? Object.keys(output.inputs)[0];
    const early = output.imports
      .filter((each) => each.kind === "import-statement")
      .map((each) => `/assets/${basename(each.path)}`);
    if (output.entryPoint !== undefined || Object.keys(output.inputs).length === 1) {
      found.set(basename(source), { path: `/assets/${basename(path)}`, early });
    }
  }
  return found;
}

function shell(template, name, built) {
  const script = built.get(`${name}.ts`);
  const early = script.early.map((path) => `<link rel="modulepreload" href="${path}">`);
  return template
    .replaceAll("{{name}}", name)
    .replace("{{style}}", built.get("base.css").path)
    .replace("{{icon}}", built.get("icon.svg").path)
    .replace("{{script}}", script.path)
    .replace("{{early}}", early.join("\n    "));
}

async function buildTests() {
  const out = at("build/tests");
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const names = (await readdir(at("tests"))).filter((name) => name.endsWith(".test.ts"));
  await build({
    ...shared,
    entryPoints: names.map((name) => at("tests", name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    platform: "node",
    sourcemap: "inline",
  });
}

await (process.argv.includes("--tests") ? buildTests() : buildPages());
