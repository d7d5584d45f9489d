import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, findProfile, listProfiles } from "@codex/auth";
import { expect, it } from "vitest";

it("profiles keep several logins apart, each in its own folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  expect(await listProfiles(folder)).toEqual([]);
  for (const name of ["work", "private.2"]) {
    const { path } = findProfile(folder, name);
    await createFileStore({ path }).write({ accessToken: `token-of-${name}` });
  }
  await mkdir(join(folder, "profiles", "empty"));
  await writeFile(join(folder, "profiles", ".DS_Store"), "");
  // A folder that no `--profile` can name, copied there by somebody: it must not stop the list.
  await createFileStore({ path: join(folder, "profiles", "work copy", "auth.json") }).write({ accessToken: "copied" });
  const found = await listProfiles(folder);
  expect(found.map((p) => p.name)).toEqual(["private.2", "work"]);
  expect((await createFileStore({ path: found[1]?.path as string }).read())?.accessToken).toBe("token-of-work");
  await rm(folder, { recursive: true });
});

it.each(["", ".", "..", "../x", "a/b", "a\\b", "Work", "a.", "-x", "x".repeat(65), "a b"])(
  "a name that could leave the folder or be mistaken is refused: %j",
  (name) => {
    expect(() => findProfile("/state", name)).toThrow(
      expect.objectContaining({ code: "request_invalid", param: "profile" }),
    );
  },
);
