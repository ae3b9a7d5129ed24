// Draws the mark, the app icon and the nine tray states from one glyph.
//
//   node icons/draw.mjs            writes the SVG files
//   node icons/draw.mjs --render   renders them too, with the Tauri command line (npx @tauri-apps/cli)
//
// The glyph: two chevrons that meet in a diamond. Apart they say "signed out",
// joined they say "connected", and what stands inside says what goes on.
import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const left = "M8.5 4.7 L3.3 9.9 Q2.2 11 3.3 12.1 L8.5 17.3";
const right = "M13.5 4.7 L18.7 9.9 Q19.8 11 18.7 12.1 L13.5 17.3";
const joined =
  "M9.9 3.3 Q11 2.2 12.1 3.3 L18.7 9.9 Q19.8 11 18.7 12.1 L12.1 18.7 Q11 19.8 9.9 18.7 L3.3 12.1 Q2.2 11 3.3 9.9 Z";
const stroke = (d, width = 2) =>
  `<path d="${d}" fill="none" stroke="#000" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
const core = `<path d="M11 7.6 L14.4 11 L11 14.4 L7.6 11 Z" fill="#000" stroke="#000" stroke-width="1.6" stroke-linejoin="round"/>`;
const dot = (x, y, r) => `<circle cx="${x}" cy="${y}" r="${r}" fill="#000"/>`;
const bar = (x) => `<rect x="${x}" y="7.6" width="2.1" height="6.8" rx="0.6" fill="#000"/>`;
/** Cuts `hole` out of `inner`, so that a mark on top stands free. */
const without = (hole, inner) =>
  `<mask id="m"><rect width="22" height="22" fill="#fff"/>${hole}</mask><g mask="url(#m)">${inner}</g>`;

const states = {
  "signed-out": stroke(left) + stroke(right),
  connecting: stroke(joined) + dot(7.4, 11, 1.2) + dot(11, 11, 1.2) + dot(14.6, 11, 1.2),
  ready: stroke(joined),
  working: stroke(joined) + core,
  "needs-you": without(dot(17.6, 4.4, 4.9), stroke(joined) + core) + dot(17.6, 4.4, 3.4),
  paused: stroke(joined) + bar(8.2) + bar(11.7),
  offline:
    without(stroke("M3.2 18.8 L18.8 3.2", 5), stroke(joined)) + stroke("M3.2 18.8 L18.8 3.2"),
  error: stroke(joined) + stroke("M11 7.4 L11 11.6", 2.2) + dot(11, 14.8, 1.3),
  update: stroke(joined) + stroke("M11 7.3 L11 14.4", 1.9) + stroke("M8.2 11.8 L11 14.6 L13.8 11.8", 1.9),
};
const svg = (content, size = 22) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 22 22">${content}</svg>\n`;
const inWhite = (content) => content.replaceAll("#000", "#fff");

const mark = svg(states.working.replaceAll("#000", "currentColor"));
const app = svg(
  `<rect x="1" y="1" width="20" height="20" rx="4.8" fill="#3f51c4"/>` +
    `<g transform="translate(11 11) scale(0.74) translate(-11 -11)">${inWhite(stroke(left) + stroke(right) + core)}</g>`,
  1024,
);

mkdirSync(join(here, "tray"), { recursive: true });
writeFileSync(join(here, "mark.svg"), mark);
writeFileSync(join(here, "app.svg"), app);
for (const [name, content] of Object.entries(states))
  writeFileSync(join(here, "tray", `${name}.svg`), svg(content));

if (process.argv.includes("--render")) {
  const tauri = (...args) =>
    execFileSync("npx", ["--yes", "@tauri-apps/cli@2.12.5", "icon", ...args], { stdio: "inherit" });
  const out = join(here, "rendered");
  for (const name of Object.keys(states)) {
    tauri(join(here, "tray", `${name}.svg`), "--png", "44", "--output", out);
    renameSync(join(out, "44x44.png"), join(here, "tray", `${name}.png`));
  }
  tauri(join(here, "app.svg"), "--output", out);
  for (const file of ["32x32.png", "128x128.png", "128x128@2x.png", "icon.png", "icon.icns", "icon.ico"])
    renameSync(join(out, file), join(here, file));
  rmSync(out, { recursive: true });
}
