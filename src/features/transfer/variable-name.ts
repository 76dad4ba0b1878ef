import { UscError } from "../../kernel/errors.ts";

/**
 * The environment variable of a secret: `db-password` is `DB_PASSWORD`. No variable begins with a digit, so `1st` is `_1ST`, and `-1st` is `__1ST`.
 * `nameOf` undoes it: whether letters are large Key Vault does not care.
 */
export function variableOf(name: string): string {
  const spelled = name.toUpperCase().replace(/[^A-Z0-9]/gu, "_");
  return /^_*[0-9]/u.test(spelled) ? `_${spelled}` : spelled;
}

/** The secret of an environment variable; undefined if there can be none. */
export function nameOf(variable: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/u.test(variable)) return undefined;
  return variable
    .replace(/^_(?=_*[0-9])/u, "")
    .replaceAll("_", "-")
    .toLowerCase();
}

// What a shell, a loader or an interpreter obeys. Whoever may write a secret must not thereby say what a machine runs.
const steering = new Set(
  `PATH HOME SHELL IFS ENV BASH_ENV BASHOPTS SHELLOPTS PS4 PROMPT_COMMAND CDPATH EDITOR VISUAL PAGER TMPDIR
   LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH DYLD_FRAMEWORK_PATH
   NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS PYTHONPATH PYTHONSTARTUP PYTHONHOME PERL5OPT PERL5LIB PERL5DB RUBYOPT RUBYLIB
   JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS DOTNET_STARTUP_HOOKS GIT_SSH GIT_SSH_COMMAND GIT_EXEC_PATH GIT_ASKPASS SSH_ASKPASS
   HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR COMSPEC PATHEXT SYSTEMROOT`.split(/\s+/u),
);

/** The variables of secrets, by the secret's name. Refuses two secrets of one variable, and a variable that steers programs. */
export function variablesOf(names: readonly string[]): Map<string, string> {
  const takenBy = new Map<string, string>();
  for (const name of names) {
    const variable = variableOf(name);
    const other = takenBy.get(variable);
    if (other !== undefined) {
      throw new UscError("conflict", `The secrets ${other} and ${name} would both become the variable ${variable}.`, { hint: narrower });
    }
    if (steering.has(variable)) {
      throw new UscError("conflict", `The secret ${name} would become the variable ${variable}, which steers programs.`, {
        hint: narrower,
      });
    }
    takenBy.set(variable, name);
  }
  return new Map([...takenBy].map(([variable, name]) => [name, variable]));
}

const narrower = "Choose with --search or --tag, or name variables yourself with `usc run --map`; --format json and yaml keep the names.";
