import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { hostileTexts, unprintable } from "../support/hostile-texts.ts";
import { localAzure } from "../support/local-azure.ts";
import { environmentOf, program } from "../support/program.ts";
import { onTerminal } from "../support/terminal.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const { usc, vault, ready } = lab;
const kv = ["--usc-name", "kv"];
const typeable = hostileTexts.filter((text) => !text.includes("\0") && text.isWellFormed());

/** What a command shows on a terminal, whatever its end. */
const shown = async (...argv: string[]): Promise<string> =>
  (await onTerminal([...program, ...argv], environmentOf(lab)).left).screen.toString();

type Format = "json" | "yaml" | "table" | "ndjson";
type Answer = Record<string, unknown>;

/** On a terminal nothing of the answer is obeyed, and what can be parsed says what was stored. */
async function isShown(format: Format, argv: readonly string[], answer: Answer): Promise<void> {
  const screen = await shown(...argv, "-o", format);
  expect(unprintable.exec(screen)).toBeNull();
  const isRows = (value: unknown): value is Answer[] => Array.isArray(value) && typeof value[0] === "object";
  const rows = argv[0] === "describe-item" ? undefined : Object.values(answer).find(isRows);
  const lines = screen.trimEnd().split("\n");
  if (format === "json") {
    expect(JSON.parse(screen)).toEqual(answer);
    expect((await usc(argv)).stdout).toBe(screen);
  } else if (format === "yaml") expect(parse(screen)).toEqual(answer);
  else if (format === "ndjson") expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(rows);
  // A row, or a field, is a line: a text that breaks it would feign another.
  else expect(lines).toHaveLength(rows === undefined ? Object.keys(answer).length : rows.length + 1);
}

const inEachFormat = (argv: readonly string[], answer: Answer, more: Format[] = []): Promise<unknown> =>
  Promise.all((["json", "yaml", "table", ...more] as const).map((format) => isShown(format, argv, answer)));

/** Puts a secret for each hostile text into a vault; gives what its list must answer. */
async function seed(vaultName: string, about: (text: string) => { contentType: string; tags: Record<string, string> }): Promise<Answer> {
  const secrets_list = [];
  for (const [index, text] of hostileTexts.entries()) {
    const name = `n-${String(index).padStart(3, "0")}`;
    const { contentType, tags } = about(text);
    await lab.control(`/secrets/${vaultName}/${name}`, "PUT", { value: "v", contentType, tags });
    const secret_id = `${vault.url.replace(vault.name, vaultName)}/secrets/${name}`;
    secrets_list.push({ secret_id, name, created: expect.any(String), type: contentType, status: true, tags });
  }
  return { secrets_list };
}

/** Key Vault takes fifteen tags of an object. */
const tagsOf = (texts: readonly string[]) => Object.fromEntries(texts.map((text, index) => [`t${index}`, text]));

describe("C6 hostile texts", () => {
  it("are forty and more, and the test's own pattern finds what a terminal obeys in most", () => {
    expect(hostileTexts.length).toBeGreaterThanOrEqual(40);
    expect(hostileTexts.filter((text) => unprintable.test(text)).length).toBeGreaterThanOrEqual(40);
  });

  it("in a vault's list are shown, not obeyed", async () => {
    const answer = await seed(vault.name, (text) => ({ contentType: text, tags: tagsOf([text]) }));
    await inEachFormat(["list", ...kv], answer, ["ndjson"]);
  });

  describe("as names of tags", async () => {
    await usc(["create-usc", "--name", "other", "--target-to-associate", "t", "--azure-kv-name", "other"]);
    const answer = await seed("other", (text) => ({ contentType: "", tags: { [`${text}.`]: "v" } }));
    const list = ["list", "--usc-name", "other"];

    it.each(["json", "table", "ndjson"] as const)("are shown, not obeyed, in %s", (format) => isShown(format, list, answer));

    it("are shown, not obeyed, in yaml", () => isShown("yaml", list, answer));
  });

  it("around a value are shown, not obeyed; raw alone writes the exact bytes", async () => {
    const value = hostileTexts.join("");
    for (let start = 0; start < hostileTexts.length; start += 15) {
      const tags = tagsOf(hostileTexts.slice(start, start + 15));
      await lab.control(`/secrets/${vault.name}/around`, "PUT", { value, contentType: hostileTexts[start], tags });
      const bytes = Buffer.from(value);
      const answer = {
        value: bytes.toString("base64"),
        binary_value: false,
        id: expect.any(String),
        name: "around",
        version_id: expect.any(String),
        metadata: { created: expect.any(String), updated: expect.any(String), status: true, type: hostileTexts[start], tags },
      };
      await inEachFormat(["get", ...kv, "-s", "around"], answer);
    }
    const { screen } = await onTerminal([...program, "get", ...kv, "-s", "around", "-o", "raw"], environmentOf(lab)).left;
    expect(screen).toEqual(Buffer.from(value));
  });

  it("of targets and connectors are shown, not obeyed", async () => {
    const guid = "11111111-2222-4333-8444-555555555555";
    const who = ["--tenant-id", guid, "--client-id", guid, "--client-secret", "canary"];
    const description = typeable.join(" ");
    const tag = typeable.filter((text) => text !== "");
    const about = ["--description", description, ...tag.map((text) => `--tag=${text}`)];
    expect((await usc(["target", "create", "azure", "--name", "hostile", ...who, ...about])).exit).toBe(0);
    const target = (await usc(["target", "get", "--name", "hostile"])).json;
    expect(target).toMatchObject({ comment: description, tags: tag });
    await inEachFormat(["target", "get", "--name", "hostile"], target);

    const uscTags = typeable.map((text, index) => `--usc-tags=k${index}=${text}`);
    const made = ["create-usc", "--name", "hostile", "--target-to-associate", "t", "--azure-kv-name", vault.name];
    expect((await usc([...made, ...about, ...uscTags])).exit).toBe(0);
    const item = (await usc(["describe-item", "--name", "hostile"])).json;
    expect(item).toMatchObject({ item_metadata: description, item_tags: tag });
    expect(Object.values(item["usc_tags"] as object)).toEqual(typeable);
    await inEachFormat(["describe-item", "--name", "hostile"], item);
    await inEachFormat(["get-tags", "--name", "hostile"], { tags: tag });
    await inEachFormat(["list-items", "--filter", "hostile"], { folders: [], items: [item], next_page: "" });
  });

  it.each([400, 403, 404, 409, 410])("in a vault's refusal with %i are not shown", async (status) => {
    for (const text of [hostileTexts.join(" "), clipboard]) {
      const error = { code: text, message: text, innererror: { code: text } };
      await lab.control("/faults", "POST", { path: "/secrets/refused*", times: 20, status, body: { error } });
      const screen = await shown("get", ...kv, "-s", "refused");
      isRefusal(screen);
      expect(screen).not.toContain("Y2FuYXJ5");
      await lab.control("/faults", "DELETE");
    }
  });

  it("in a login's refusal are not shown", async () => {
    const who = ["--azure-cloud", "lab", "--tenant-id", ready.tenant_id, "--client-id", ready.client_id, "--client-secret", "canary"];
    await usc(["target", "create", "azure", "--name", "login", ...who]);
    await usc(["create-usc", "--name", "login", "--target-to-associate", "login", "--azure-kv-name", vault.name]);
    const text = hostileTexts.join(" ");
    const body = { error: text, error_description: `AADSTS7000215: ${text}`, trace_id: text, correlation_id: text };
    await lab.control("/faults", "POST", { method: "POST", path: "*/token", times: 20, status: 401, body });
    const screen = await shown("get", "--usc-name", "login", "-s", "x");
    expect(await lab.control("/faults")).toMatchObject({ faults: [{ hits: 1 }] });
    isRefusal(screen);
    expect(screen).not.toContain("Y2FuYXJ5");
    await lab.control("/faults", "DELETE");
  });

  it.each([
    ["a command", (text: string) => [text]],
    ["a flag", (text: string) => ["list", `--${text}`]],
    ["a format", (text: string) => ["list-items", "-o", text]],
    ["a secret", (text: string) => ["get", ...kv, "-s", text]],
    ["a connector", (text: string) => ["describe-item", "--name", `/absent/${text}`]],
    ["a target", (text: string) => ["target", "get", "--name", `/absent/${text}`]],
  ])("typed as the name of %s are not obeyed", async (_, argv) => {
    for (const text of [typeable.join(" "), clipboard]) isRefusal(await shown(...argv(text)));
  });
});

const clipboard = "\u001b]52;c;Y2FuYXJ5\u0007";

/** One sentence and perhaps a hint. */
function isRefusal(screen: string): void {
  expect(unprintable.exec(screen)).toBeNull();
  expect(screen).toMatch(/^usc: [^\n]+\n(hint: [^\n]+\n)?$/u);
}
