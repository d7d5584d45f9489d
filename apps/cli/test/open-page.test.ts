import { expect, it } from "vitest";
import { canOpenPage } from "../src/open-page.js";

it.each<[NodeJS.Platform, Record<string, string>, boolean]>([
  ["linux", {}, false],
  ["linux", { DISPLAY: ":0" }, true],
  ["linux", { WAYLAND_DISPLAY: "wayland-0" }, true],
  ["linux", { WSL_DISTRO_NAME: "Debian" }, true],
  ["linux", { DISPLAY: "" }, false],
  ["linux", { DISPLAY: "localhost:10.0", SSH_CONNECTION: "1.2.3.4 1 5.6.7.8 22" }, false],
  ["darwin", {}, true],
  ["darwin", { SSH_TTY: "/dev/ttys001" }, false],
  ["win32", {}, true],
])("on %s with %j a page is opened where it would be seen: %s", (system, env, expected) => {
  expect(canOpenPage(env, system)).toBe(expected);
});
