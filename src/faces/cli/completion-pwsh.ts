import { nextWords, type Spoken } from "./spoken.ts";

export function pwsh(spoken: readonly Spoken[]): string {
  const next = [...nextWords(spoken)].map(([before, words]) => `  ${quoted(before)} = @(${[...words.keys()].map(quoted).join(", ")})`);
  const flags = spoken.flatMap(({ names, flags: own }) => {
    const list = own.map((flag) => {
      const value = typeof flag.value === "string" ? quoted(flag.value) : `@(${flag.value.map(quoted).join(", ")})`;
      return `@{ names = @(${flag.names.map(quoted).join(", ")}); value = ${value} }`;
    });
    return names.map((name) => `  ${quoted(name)} = @(${list.join(", ")})`);
  });
  return `# usc in PowerShell. In $PROFILE: usc completion pwsh | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName usc -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $uscNext = @{
${next.join("\n")}
  }
  $uscFlags = @{
${flags.join("\n")}
  }
  $typed = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
  $said = @()
  foreach ($word in $typed) {
    if ($word.StartsWith('-')) { break }
    if ($word -eq 'usc' -and $said.Count -eq 0) { continue }
    $said += $word
  }
  $command = $said -join ' '
  $flags = @($uscFlags[$command])
  $before = if ($typed.Count -gt 0) { $typed[-1] } else { '' }
  $flag = $flags | Where-Object { $_ -and $_.names -contains $before } | Select-Object -First 1
  if ($flag -and $flag.value -is [array]) { $offer = $flag.value }
  elseif ($flag -and $flag.value -ne 'none') { return }
  else {
    $offer = @($uscNext[$command])
    if ($wordToComplete.StartsWith('-') -or -not $uscNext[$command]) { $offer = @($flags | Where-Object { $_ } | ForEach-Object { $_.names }) }
  }
  $offer | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
