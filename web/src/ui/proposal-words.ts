// Dates, weekly times and ways out of a lesson, in words.

import { lang, t, weekdayName } from "../client/i18n";
import type { Absence, Offer, Stuck, Substitute, When } from "../client/repairs";
import { clockOf, spanOf } from "../client/weekgrid";
import { weekdayOf } from "../client/weekly";

const day = new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", weekday: "short", timeZone: "UTC" });
const date = new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", timeZone: "UTC" });

const timeName = (when: When): string => [when.period, spanOf(when)].filter(Boolean).join(" ");

export const dayText = (iso: string): string => day.format(Date.parse(iso));

/** `王老师：11月24日周二 – 12月29日周二，周二、周四，8:30–10:00`. */
export function absenceName({ first_day, last_day, weekdays, start_minute, end_minute }: Absence, who: string): string {
  const days = first_day === last_day ? dayText(first_day) : `${dayText(first_day)} – ${dayText(last_day)}`;
  const some = weekdays.length === 7 || first_day === last_day ? "" : [...weekdays].sort().map(weekdayName).join(t("list.and"));
  const hours = start_minute === null || end_minute === null ? "" : `${clockOf(start_minute)}–${clockOf(end_minute)}`;
  return `${who}${t("list.colon")}${[days, some, hours].filter(Boolean).join(t("list.comma"))}`;
}

/** `12月7日周一 第3节 10:10–10:50`. */
export const whenName = (when: When): string => `${day.format(Date.parse(when.day))} ${timeName(when)}`;

/** `12月7日至1月11日 每周一第3节 10:10–10:50，共 6 次`. */
export function weeklyName(all: When[]): string {
  const [first, last] = [all[0]!, all.at(-1)!];
  return t("repair.weekly", {
    span: `${date.format(Date.parse(first.day))} – ${date.format(Date.parse(last.day))}`,
    weekday: weekdayName(weekdayOf(first.day)),
    time: timeName(first),
    n: all.length,
  });
}

export const thenName = (when: When): string =>
  t("repair.weekly_then", { weekday: weekdayName(weekdayOf(when.day)), time: timeName(when) });

/** `times`: for how many of `all` it can be had. */
export function offerName(offer: Offer, all: Stuck[], times = all.length): string {
  const says = plainName(offer, all);
  return times === all.length ? says : t("offer.times", { offer: says, times, n: all.length });
}

/** `李老师（中心校）`: what a person types or picks. */
export const substituteName = ({ name, school }: Substitute): string => t("offer.person", { name, school });

function plainName(offer: Offer, all: Stuck[]): string {
  if (offer.kind === "substitute") {
    const found = all.flatMap(({ substitutes }) => substitutes).find((each) => each.teacher === offer.teacher);
    return t("offer.substitute", { name: found?.name ?? "", school: found?.school ?? "" });
  }
  if (offer.kind === "date") {
    const found = all.flatMap(({ dates }) => dates).find((each) => each.day === offer.day && each.start === offer.start);
    return t("offer.date", { when: found ? whenName(found) : "" });
  }
  return t(`offer.${offer.kind}`);
}
