import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { execFlags, say, type Verification } from "./checks.js";

/** A login by device code, approved as a person would on the page, and a turn with it. */
export async function verifyDeviceLogin({ simulator, home, check }: Verification): Promise<void> {
  await home.signOut();
  const run = await home.run(["login", "--device-auth", "--experimental_issuer", simulator.issuerUrl], (output) => {
    const code = output.match(/[A-Z]{4}-\d{5}/)?.[0];
    if (code !== undefined)
      void post(`${simulator.url}/codex/device`, { user_code: code, decision: "continue" }, home.ca);
  });
  check(
    "the CLI signs in by device code",
    run.code === 0 && /logged in/i.test(run.stdout + run.stderr),
    run.stderr.slice(-500),
  );
  await checkSignedIn({ simulator, home, check });
}

/** A logout, which revokes the login at the issuer and takes auth.json away. */
export async function verifyLogout({ simulator, home, check }: Verification): Promise<void> {
  const { tokens } = await home.auth();
  const start = simulator.requests.length;
  const run = await home.run(["logout"]);
  const revoked = simulator.requests.slice(start).find((request) => request.path === "/oauth/revoke");
  const { token, token_type_hint } = (revoked?.body ?? {}) as { token?: string; token_type_hint?: string };
  check("the CLI signs out", run.code === 0, run.stderr.slice(-500));
  check("and revokes its refresh token", token === tokens.refresh_token && token_type_hint === "refresh_token");
  const form = {
    grant_type: "refresh_token",
    client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
    refresh_token: tokens.refresh_token,
  };
  check("which then is good for nothing", (await post(simulator.tokenUrl, form, home.ca)) === 401);
}

async function checkSignedIn({ simulator, home, check }: Verification): Promise<void> {
  const run = await home.exec(...execFlags, say({ text: "Signed in and talking." }));
  check("and it holds a turn with that login", run.stdout.includes("Signed in and talking."), run.stderr.slice(-500));
  const { tokens } = await home.auth();
  const last = simulator.requests.findLast((request) => request.path === "/backend-api/codex/responses");
  check("with the token that it was given", last?.headers.authorization === `Bearer ${tokens.access_token}`);
}

/** Posts a form, trusting the throwaway CA; returns the status. */
async function post(url: string, form: Record<string, string>, ca: string): Promise<number | undefined> {
  const trusted = await readFile(ca);
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const sent = request(url, { method: "POST", ca: trusted, headers }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode));
    });
    sent.once("error", reject);
    sent.end(new URLSearchParams(form).toString());
  });
}
