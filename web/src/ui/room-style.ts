// A screen read from the back of a classroom: sizes follow its height.

import { css } from "lit";

export const roomStyle = css`
/* 1 % of the height, smaller only where a screen stands upright. */
:host {
  --u: max(3.6px, min(1vh, 0.75vw));
  display: block;
  position: fixed;
  inset: 0;
  /* 5 % on every side: televisions crop. */
  padding: 5vh 5vw;
  background: var(--board);
  color: var(--chalk);
  font-size: calc(4.2 * var(--u));
  line-height: 1.3;
  font-weight: 500;
}
main {
  width: 100%;
  height: 100%;
  display: grid;
  grid-template-rows: minmax(0, 1fr) auto;
  gap: calc(1.6 * var(--u));
}
.frame {
  container-type: size;
  min-height: 0;
}
/* cqw, cqh: per cent of .frame. Every picture is 16:9 and as large as fits. */
.pictures {
  display: grid;
  height: 100%;
  gap: calc(1.2 * var(--u));
  align-content: center;
  justify-content: center;
}
.solo {
  grid-template-columns: min(100cqw, 177.7cqh);
}
.pair {
  grid-template-columns: repeat(2, min(50cqw - 0.6 * var(--u), 177.7cqh));
}
.lesson {
  grid-template-columns: min(75cqw, 177.7cqh) min(25cqw - 1.2 * var(--u), 58cqh);
  grid-template-rows: auto auto 1fr;
}
.lesson figure:first-child {
  grid-row: 1 / span 3;
}
figure {
  position: relative;
  aspect-ratio: 16 / 9;
  min-width: 0;
  border-radius: calc(1.2 * var(--u));
  overflow: hidden;
  display: grid;
}
figure.on-stage {
  box-shadow: 0 0 0 calc(0.6 * var(--u)) var(--stage);
}
figcaption {
  position: absolute;
  left: 0;
  bottom: 0;
  max-width: 100%;
  padding: calc(0.4 * var(--u)) calc(1.6 * var(--u)) calc(0.6 * var(--u));
  background: rgb(5 11 9 / 78%);
  border-top-right-radius: calc(1.2 * var(--u));
  white-space: nowrap;
  overflow: hidden;
  text-overflow: ellipsis;
}
@media (max-aspect-ratio: 1 / 1) {
  .pair,
  .lesson {
    grid-template-columns: 100cqw;
    grid-template-rows: none;
  }
  .lesson figure:first-child {
    grid-row: auto;
  }
  .foot {
    flex-wrap: wrap;
  }
}
.foot {
  display: flex;
  align-items: center;
  gap: calc(2.4 * var(--u));
  min-height: calc(7 * var(--u));
}
.notice {
  flex: 1;
  min-width: 0;
}
.notice strong {
  display: inline-block;
  padding: calc(0.6 * var(--u)) calc(2.4 * var(--u));
  border-radius: calc(1.2 * var(--u));
  font-weight: 650;
  background: var(--board-3);
}
.notice .stage {
  background: var(--stage);
  color: var(--on-stage);
}
.notice .hand,
.notice .warn {
  background: var(--hand);
  color: var(--on-hand);
}
time {
  font-variant-numeric: tabular-nums;
  white-space: nowrap;
}
.rec {
  color: var(--live);
  white-space: nowrap;
}
.rec::before {
  content: "";
  display: inline-block;
  width: 0.7em;
  height: 0.7em;
  margin-right: 0.3em;
  border-radius: 50%;
  background: currentColor;
}
.idle {
  height: 100%;
  display: grid;
  grid-template-rows: auto 1fr auto;
  gap: calc(3 * var(--u));
}
.idle h1 {
  font-size: calc(6 * var(--u));
}
.idle time {
  align-self: center;
  justify-self: center;
  text-align: center;
  font-size: calc(30 * var(--u));
  font-weight: 500;
  line-height: 1;
}
.idle .day {
  display: block;
  margin-top: calc(3 * var(--u));
  font-size: calc(5 * var(--u));
  font-weight: 500;
  color: var(--chalk-soft);
}
.idle .next {
  padding: calc(2.4 * var(--u)) calc(3 * var(--u));
  border-radius: calc(1.6 * var(--u));
  background: var(--board-2);
  font-size: calc(5 * var(--u));
}
.idle .changes {
  font-size: calc(3.6 * var(--u));
}
.idle .changes p {
  overflow-wrap: anywhere;
}
.idle .next .soft {
  font-size: calc(4.2 * var(--u));
}
button {
  min-height: max(var(--target), calc(11 * var(--u)));
  padding: 0 calc(4 * var(--u));
  font-size: calc(5 * var(--u));
  border-radius: calc(2 * var(--u));
  background: var(--hand);
  color: var(--on-hand);
  border: none;
  font-weight: 700;
  white-space: nowrap;
}
button.lower {
  background: var(--board-3);
  color: var(--chalk);
}
.blocked {
  position: absolute;
  inset: 0;
  display: grid;
  place-content: center;
  justify-items: center;
  gap: calc(4 * var(--u));
  background: rgb(5 11 9 / 82%);
  text-align: center;
}
tk-wait {
  font-size: calc(5 * var(--u));
  align-content: center;
}
`;
