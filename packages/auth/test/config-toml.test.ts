import { defaultAuthFile, defaultCodexHome, readCredentialsStoreSetting } from "@codex/auth";
import { describe, expect, it } from "vitest";

describe("readCredentialsStoreSetting", () => {
  it.each([
    ['cli_auth_credentials_store = "keyring"', "keyring"],
    ["cli_auth_credentials_store='auto' # comment", "auto"],
    ['"cli_auth_credentials_store" = "ephemeral"\r\n', "ephemeral"],
    ['\uFEFF\n\t cli_auth_credentials_store\t=\t"file"', "file"],
    ['cli_auth_credentials_store = """keyring"""', "keyring"],
    [
      'model = "gpt-5"\nnotify = [\n  "a", # ] [x]\n  "[b]",\n]\ncli_auth_credentials_store = "auto"\n[x]\ny = 1',
      "auto",
    ],
    [
      'a = { b = "c" }\ntext = """\ncli_auth_credentials_store = "auto"\n"""\ncli_auth_credentials_store = "keyring"',
      "keyring",
    ],
    ["text = '''\n[table]\n'''\ncli_auth_credentials_store = \"keyring\"", "keyring"],
    ['quote = "\\"[#"\ncli_auth_credentials_store = "keyring"', "keyring"],
    ['quotes = """a"""""\ncli_auth_credentials_store = "keyring"', "keyring"],
  ])("finds the top-level key: %j", (text, expected) => expect(readCredentialsStoreSetting(text)).toBe(expected));

  it.each([
    [""],
    ['# cli_auth_credentials_store = "keyring"'],
    ['[profile]\ncli_auth_credentials_store = "keyring"'],
    ['[[list]]\ncli_auth_credentials_store = "keyring"'],
    ['profile.cli_auth_credentials_store = "keyring"'],
    ['text = """\ncli_auth_credentials_store = "keyring"\n"""'],
    ['a = { cli_auth_credentials_store = "keyring" }'],
    ['cli_auth_credentials_store = "elsewhere"'],
    ["cli_auth_credentials_store = 5"],
    ["cli_auth_credentials_store"],
    ['x = "not closed\n[t]\ncli_auth_credentials_store = "keyring"'],
  ])("is not misled: %j", (text) => expect(readCredentialsStoreSetting(text)).toBeUndefined());
});

describe("defaultAuthFile", () => {
  it("is CODEX_AUTH_FILE, else in CODEX_HOME, else in the home folder", () => {
    expect(defaultAuthFile({ CODEX_AUTH_FILE: "/x/y.json", CODEX_HOME: "/c" }, "/home/me")).toBe("/x/y.json");
    expect(defaultAuthFile({ CODEX_HOME: "/c" }, "/home/me")).toBe("/c/auth.json");
    expect(defaultAuthFile({ CODEX_AUTH_FILE: " ", CODEX_HOME: "" }, "/home/me")).toBe("/home/me/.codex/auth.json");
    expect(defaultCodexHome({}, "/home/me")).toBe("/home/me/.codex");
  });
});
