import { join } from "node:path";
import { defaultAuthFile, defaultCodexHome, homeFolder, readCredentialsStoreSetting } from "@codex/auth";
import { describe, expect, it } from "vitest";
import { readSecretAuthStorage } from "../src/config-toml.js";

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
    ['a = { b = 1, cli_auth_credentials_store = "keyring" } # }'],
    ["{]}="],
    ['cli_auth_credentials_store = "elsewhere"'],
    ["cli_auth_credentials_store = 5"],
    ["cli_auth_credentials_store"],
    ['x = "not closed\n[t]\ncli_auth_credentials_store = "keyring"'],
  ])("is not misled: %j", (text) => expect(readCredentialsStoreSetting(text)).toBeUndefined());
});

describe("readSecretAuthStorage", () => {
  it.each([
    ["[features]\nsecret_auth_storage = true"],
    ["[ features ] # of all\nother = [1,\n2]\n'secret_auth_storage' = true # yes"],
    ["features.secret_auth_storage = true"],
    ['"features" . "secret_auth_storage" = true'],
    ["features = { other = { deep = [1, { x = 2 }] }, secret_auth_storage = true }"],
    ['cli_auth_credentials_store = "auto"\n[[list]]\nx = 1\n[features]\r\nsecret_auth_storage = true\r\n[z]'],
  ])("finds the feature, however it is written: %j", (text) => expect(readSecretAuthStorage(text, "linux")).toBe(true));

  it.each([
    ["secret_auth_storage = true"],
    ["[features]\n# secret_auth_storage = true"],
    ["[features.deeper]\nsecret_auth_storage = true"],
    ["[other]\nfeatures.secret_auth_storage = true"],
    ['text = """\n[features]\nsecret_auth_storage = true\n"""'],
    ["[features]\nsecret_auth_storage = false"],
  ])("is not misled: %j", (text) => expect(readSecretAuthStorage(text, "linux")).toBe(false));

  it("is on where nobody says anything on Windows alone", () => {
    expect(readSecretAuthStorage("", "win32")).toBe(true);
    expect(readSecretAuthStorage("[features]\nsecret_auth_storage = false", "win32")).toBe(false);
    expect(readSecretAuthStorage("", "darwin")).toBe(false);
  });
});

describe("defaultAuthFile", () => {
  it("is CODEX_AUTH_FILE, else in CODEX_HOME, else in the home folder", () => {
    expect(defaultAuthFile({ CODEX_AUTH_FILE: "/x/y.json", CODEX_HOME: "/c" }, "/home/me")).toBe("/x/y.json");
    expect(defaultAuthFile({ CODEX_HOME: "/c" }, "/home/me")).toBe("/c/auth.json");
    expect(defaultAuthFile({ CODEX_AUTH_FILE: " ", CODEX_HOME: "" }, "/home/me")).toBe("/home/me/.codex/auth.json");
    expect(defaultCodexHome({}, "/home/me")).toBe("/home/me/.codex");
  });

  it.each([undefined, "", ".", "made-up/relative"])("is never in the folder of the program: home %j", (home) => {
    expect(defaultAuthFile({}, home)).toBe(join(homeFolder(), ".codex", "auth.json"));
    expect(defaultCodexHome({ CODEX_HOME: "" }, home)).toBe(join(homeFolder(), ".codex"));
  });
});
