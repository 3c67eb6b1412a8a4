// A screen read from the back of a classroom: sizes follow its height.

import { css } from "lit";

export const roomStyle = css`
:host {
  display: block;
  position: fixed;
  inset: 0;
  /* 5 % on every side: televisions crop. */
  padding: 5vh 5vw;
  background: var(--board);
  color: var(--chalk);
  font-size: 4.2vh;
  line-height: 1.3;
  font-weight: 500;
}
main {
  width: 100%;
  height: 100%;
  display: grid;
  grid-template-rows: minmax(0, 1fr) auto;
  gap: 1.6vh;
}
.frame {
  container-type: size;
  min-height: 0;
}
/* cqw, cqh: per cent of .frame. Every picture is 16:9 and as large as fits. */
.pictures {
  display: grid;
  height: 100%;
  gap: 1.2vh;
  align-content: center;
  justify-content: center;
}
.solo {
  grid-template-columns: min(100cqw, 177.7cqh);
}
.pair {
  grid-template-columns: repeat(2, min(50cqw - 0.6vh, 177.7cqh));
}
.lesson {
  grid-template-columns: min(75cqw, 177.7cqh) min(25cqw - 1.2vh, 58cqh);
  grid-template-rows: auto auto 1fr;
}
.lesson figure:first-child {
  grid-row: 1 / span 3;
}
figure {
  position: relative;
  aspect-ratio: 16 / 9;
  min-width: 0;
  border-radius: 1.2vh;
  overflow: hidden;
  display: grid;
}
figure.on-stage {
  box-shadow: 0 0 0 0.6vh var(--stage);
}
figcaption {
  position: absolute;
  left: 0;
  bottom: 0;
  max-width: 100%;
  padding: 0.4vh 1.6vh 0.6vh;
  background: rgb(5 11 9 / 78%);
  border-top-right-radius: 1.2vh;
  white-space: nowrap;
  overflow: hidden;
  text-overflow: ellipsis;
}
.foot {
  display: flex;
  align-items: center;
  gap: 2.4vh;
  min-height: 7vh;
}
.notice {
  flex: 1;
  min-width: 0;
}
.notice strong {
  display: inline-block;
  padding: 0.6vh 2.4vh;
  border-radius: 1.2vh;
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
  gap: 3vh;
}
.idle h1 {
  font-size: 6vh;
}
.idle time {
  align-self: center;
  justify-self: center;
  text-align: center;
  font-size: 30vh;
  font-weight: 500;
  line-height: 1;
}
.idle .day {
  display: block;
  margin-top: 3vh;
  font-size: 5vh;
  font-weight: 500;
  color: var(--chalk-soft);
}
.idle .next {
  padding: 2.4vh 3vh;
  border-radius: 1.6vh;
  background: var(--board-2);
  font-size: 5vh;
}
.idle .next .soft {
  font-size: 4.2vh;
}
button {
  min-height: 11vh;
  padding: 0 4vh;
  font-size: 5vh;
  border-radius: 2vh;
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
  gap: 4vh;
  background: rgb(5 11 9 / 82%);
  text-align: center;
}
tk-wait {
  font-size: 5vh;
  align-content: center;
}
`;
