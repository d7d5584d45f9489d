import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, createMemoryStore, createSession, loginWithBrowser, loginWithDevice } from "@codex/auth";
import { createSimulator, type Simulator } from "@codex/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let simulator: Simulator;
const noLogin = () => createMemoryStore();

beforeEach(async () => {
  simulator = await createSimulator({ questions: { redirectUris: "loopback" } });
});

afterEach(() => simulator.close());

/** What a person does in a browser: opens the page, presses a button, follows where it leads. */
async function press(
  url: string,
  decision: "continue" | "deny",
  follow = true,
): Promise<{ location: string; page: string }> {
  const opened = await fetch(url);
  expect(opened.status).toBe(200);
  const fields = [...(await opened.text()).matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  const body = new URLSearchParams(
    fields.map(([, name, value]) => [name as string, unescapeHtml(value as string)] as [string, string]),
  );
  body.set("decision", decision);
  const sent = await fetch(`${simulator.issuerUrl}/oauth/authorize`, { method: "POST", body, redirect: "manual" });
  const location = sent.headers.get("location") as string;
  if (!follow) return { location, page: "" };
  const back = await fetch(location.replace("localhost", "127.0.0.1"));
  return { location, page: `${back.status} ${await back.text()}` };
}

const unescapeHtml = (text: string) =>
  text.replace(/&#(\d+);/g, (_all, n) => String.fromCharCode(Number(n))).replace(/&amp;/g, "&");

/** Sends a request line that no client would make, and gives the status line of the answer. */
function sendRaw({ hostname, port }: URL, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`${line}\r\nHost: x\r\n\r\n`));
    socket.once("error", reject).once("data", (data) => {
      resolve(String(data).split("\r\n")[0] as string);
      socket.destroy();
    });
  });
}

/** A login on free ports, whose page is handled by `open`. */
function login(open: (url: string) => unknown, more: Partial<Parameters<typeof loginWithBrowser>[0]> = {}) {
  return loginWithBrowser({ store: noLogin(), issuer: simulator.issuerUrl, ports: [0], onUrl: open, ...more });
}

describe("the browser login", () => {
  it("ends in a stored login that can be renewed, and tells the person so", async () => {
    const store = noLogin();
    let page = "";
    let url = "";
    const done = new Promise<void>((resolve) => {
      void login(
        async (opened) => {
          url = opened;
          ({ page } = await press(opened, "continue"));
          resolve();
        },
        { store, originator: "test-app" },
      ).then((credentials) => {
        expect(credentials.accountId).toBeDefined();
        expect(credentials.email).toContain("@");
      });
    });
    await done;
    expect(page).toMatch(/^200 [\s\S]*You are signed in[\s\S]*@/);
    expect(page).not.toContain("<script");
    const query = new URL(url).searchParams;
    expect([...query.keys()]).toEqual([
      "response_type",
      "client_id",
      "redirect_uri",
      "scope",
      "code_challenge",
      "code_challenge_method",
      "id_token_add_organizations",
      "codex_cli_simplified_flow",
      "state",
      "originator",
    ]);
    expect(url).toContain("scope=openid%20profile");
    expect(query.get("redirect_uri")).toMatch(/^http:\/\/localhost:\d+\/auth\/callback$/);
    expect(query.get("originator")).toBe("test-app");
    const session = createSession({ store, refreshTokenUrl: simulator.tokenUrl });
    await session.refresh(await session.current());
    expect(simulator.refreshCount).toBe(1);
  });

  it("ends when the person says no", async () => {
    let pressed: ReturnType<typeof press> | undefined;
    const outcome = login((url) => {
      pressed = press(url, "deny");
    });
    await expect(outcome).rejects.toMatchObject({ code: "forbidden", reason: "login_denied" });
    expect((await pressed)?.page).toMatch(/^403 [\s\S]*Login refused/);
  });

  it("ends when its time is over, or its signal says so, before and during the wait", async () => {
    await expect(login(() => {}, { timeoutMs: 50 })).rejects.toMatchObject({ reason: "login_timeout" });
    const controller = new AbortController();
    await expect(login(() => controller.abort(), { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    await expect(login(() => {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });

  it("is not ended by somebody who does not know its state, nor by other paths", async () => {
    const answers: string[] = [];
    const outcome = login(async (url) => {
      const redirect = new URL(new URL(url).searchParams.get("redirect_uri") as string);
      redirect.hostname = "127.0.0.1";
      const ask = async (path: string, init?: RequestInit) => {
        const response = await fetch(new URL(path, redirect), init);
        answers.push(`${response.status} ${(await response.text()).match(/<h1>(.*?)<\/h1>/)?.[1]}`);
      };
      await ask("/auth/callback?code=stolen&state=guess");
      await ask("/auth/callback?error=access_denied");
      await ask("/favicon.ico");
      await ask("/auth/callback", { method: "POST" });
      answers.push(await sendRaw(redirect, "GET // HTTP/1.1"));
      await press(url, "continue");
    });
    expect((await outcome).accessToken).toBeDefined();
    expect(answers).toEqual([
      "400 Not this login",
      "400 Not this login",
      "404 Nothing here",
      "405 Nothing here",
      "HTTP/1.1 404 Not Found",
    ]);
  });

  it("makes way for another program that asks for its port", async () => {
    await expect(
      login(async (url) => {
        const redirect = new URL(url).searchParams.get("redirect_uri") as string;
        await fetch(new URL("/cancel", redirect.replace("localhost", "127.0.0.1")));
      }),
    ).rejects.toMatchObject({ reason: "login_failed" });
  });

  it("takes a pasted address where the browser is elsewhere, and asks again for a wrong one", async () => {
    const problems: (string | undefined)[] = [];
    let resolveUrl: (url: string) => void = () => {};
    const url = new Promise<string>((resolve) => {
      resolveUrl = resolve;
    });
    const credentials = await login((opened) => resolveUrl(opened), {
      paste: async ({ problem }) => {
        problems.push(problem);
        if (problems.length === 1) return "http://localhost:1455/auth/callback?code=x&state=y";
        return ` ${(await press(await url, "continue", false)).location}\n`;
      },
    });
    expect(credentials.accessToken).toBeDefined();
    expect(problems).toEqual([undefined, expect.stringContaining("State mismatch")]);
  });

  it("takes a pasted no for a no, and a code without its address for what it is", async () => {
    let resolveUrl: (url: string) => void = () => {};
    const url = new Promise<string>((resolve) => {
      resolveUrl = resolve;
    });
    await expect(
      login((opened) => resolveUrl(opened), { paste: async () => (await press(await url, "deny", false)).location }),
    ).rejects.toMatchObject({ code: "forbidden", reason: "login_denied" });
    const again = new Promise<string>((resolve) => {
      resolveUrl = resolve;
    });
    const credentials = await login((opened) => resolveUrl(opened), {
      paste: async () => (await press(await again, "continue", false)).location.split("?")[1] as string,
    });
    expect(credentials.accessToken).toBeDefined();
  });

  it("stops asking for a pasted address when the browser was faster", async () => {
    let stopped = false;
    await login((url) => press(url, "continue"), {
      paste: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            stopped = true;
            reject(new Error("closed"));
          });
        }),
    });
    expect(stopped).toBe(true);
  });

  it("falls back to the next port when one is taken, and says so when none is free", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => blocker.once("listening", resolve));
    const { port } = blocker.address() as { port: number };
    let redirect = "";
    await login(
      (url) => {
        redirect = new URL(url).searchParams.get("redirect_uri") as string;
        return press(url, "continue");
      },
      { ports: [port, 0] },
    );
    expect(redirect).not.toContain(`:${port}/`);
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    await expect(login(() => {}, { ports: [port] })).rejects.toMatchObject({
      reason: "login_failed",
      message: expect.stringContaining("--device"),
    });
    // The time limit holds no process open for a login that has not begun.
    expect(timers()).toBe(before);
    await new Promise((resolve) => blocker.close(resolve));
  });

  it("falls back as well when the system keeps a port for itself", async ({ skip }) => {
    const first = await readFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8").catch(() => "0");
    if (Number(first) <= 1) return skip("this system lets everybody listen on every port");
    // Root may listen on every port: it becomes somebody else for as long as the ports are tried.
    if (process.getuid?.() === 0) process.seteuid?.(65534);
    let redirect = "";
    try {
      await login(
        (url) => {
          redirect = new URL(url).searchParams.get("redirect_uri") as string;
          return press(url, "continue");
        },
        { ports: [1, 0] },
      );
    } finally {
      if (process.getuid?.() === 0) process.seteuid?.(0);
    }
    expect(redirect).toMatch(/^http:\/\/localhost:\d{4,5}\//);
  });

  it("leaves its port free afterwards", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => probe.once("listening", resolve));
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    for (let round = 0; round < 2; round += 1) {
      await expect(login(() => {}, { ports: [port], timeoutMs: 30 })).rejects.toMatchObject({
        reason: "login_timeout",
      });
    }
  });

  it("goes on when the browser cannot be opened", async () => {
    await expect(
      login(
        () => {
          throw new Error("no browser");
        },
        { timeoutMs: 100 },
      ),
    ).rejects.toMatchObject({ reason: "login_timeout" });
  });

  it("says what failed when the issuer refuses the code", async () => {
    let pressed: ReturnType<typeof press> | undefined;
    const refusing = (() =>
      Promise.resolve(Response.json({ error: "invalid_grant" }, { status: 400 }))) as typeof fetch;
    const outcome = login(
      (url) => {
        pressed = press(url, "continue");
      },
      { fetch: refusing },
    );
    await expect(outcome).rejects.toMatchObject({
      reason: "login_failed",
      message: expect.stringContaining("invalid_grant"),
    });
    expect((await pressed)?.page).toMatch(/^500 [\s\S]*Login failed[\s\S]*invalid_grant/);
  });

  it.each(["browser", "device"])(
    "sends nobody to sign in for nothing: the file could not be written (%s)",
    async (way) => {
      const folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
      const path = join(folder, "auth.json");
      await writeFile(path, "{}", { mode: 0o400 });
      const store = createFileStore({ path });
      const shown = () => expect.fail("the person was asked");
      const outcome =
        way === "browser"
          ? login(shown, { store })
          : loginWithDevice({ store, issuer: simulator.issuerUrl, onCode: shown });
      await expect(outcome).rejects.toMatchObject({
        reason: "not_writable",
        message: expect.stringContaining("chmod u+w"),
      });
      expect(simulator.requests).toEqual([]);
      expect((await readdir(folder)).filter((name) => !name.endsWith(".lock"))).toEqual(["auth.json"]);
      await rm(folder, { recursive: true });
    },
  );

  it("asks no issuer that is neither https nor this machine", async () => {
    await expect(login(() => {}, { issuer: "http://issuer.example" })).rejects.toMatchObject({
      reason: "insecure_url",
    });
  });
});
