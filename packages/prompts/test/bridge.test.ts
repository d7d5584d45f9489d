import { describe, expect, it } from "vitest";
import { toolBridge, toolRemap } from "../src/bridge.js";

describe("toolBridge", () => {
  it("names every tool and what takes the place of the Codex CLI's", () => {
    const text = toolBridge(["bash", "edit_file", "todo_write", "weather"]);
    expect(text).toContain("`bash`, `edit_file`, `todo_write`, `weather`");
    expect(text).toMatch(/`shell`, `exec_command`.*`bash`/);
    expect(text).toMatch(/`apply_patch`.*`edit_file`/);
    expect(text).toMatch(/`update_plan`.*`todo_write`/);
    expect(text).not.toContain("view_image");
  });

  it("has nothing to replace where the Codex CLI's own tool is there, or nothing like it", () => {
    expect(toolBridge(["shell", "bash"])).not.toContain("Instead of");
    expect(toolBridge(["apply_patch", "edit"])).not.toContain("Instead of");
    expect(toolBridge(["weather"])).not.toContain("Instead of");
  });
});

describe("toolRemap", () => {
  it("names the tools", () => {
    const text = toolRemap(["run_terminal", "write"]);
    expect(text).toContain("`run_terminal`, `write`");
    expect(text).toMatch(/`shell`, `exec_command`.*`run_terminal`/);
    expect(text).toMatch(/`apply_patch`.*`write`/);
  });

  it("says that there are none", () => {
    expect(toolRemap([])).toContain("No tools");
  });
});
