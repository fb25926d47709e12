/** Text made safe for HTML. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A whole page; `repository`, as `owner/name`, is linked at the top. */
export function page(title: string, body: string, repository = ""): string {
  const trail =
    repository === "" ? "" : ` / <a href="/${repository}">${escapeHtml(repository)}</a>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328}
a{color:#0550ae;text-decoration:none}a:hover{text-decoration:underline}
h1{font-size:1.5rem;margin-bottom:.3rem}h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid #d0d7de}
pre,code{font:13px/1.45 ui-monospace,monospace}code{background:#eff1f3;padding:.1em .3em;border-radius:4px}
pre{background:#f6f8fa;padding:.8rem;border-radius:6px;overflow:auto;white-space:pre-wrap}
table{border-collapse:collapse}td,th{padding:.25rem .8rem .25rem 0;text-align:left;vertical-align:top}
.state{border-radius:1rem;padding:.15rem .7rem;color:#fff;background:#57606a}
.open,.success{background:#1a7f37}.merged{background:#8250df}.closed,.failure,.timed_out{background:#cf222e}
.add{color:#116329}.del{color:#82071e}.box{border:1px solid #d0d7de;border-radius:6px;padding:.6rem 1rem;margin:.8rem 0}
.muted{color:#57606a}a.state{color:#fff;font-size:.8rem}
</style></head><body><p class="muted"><a href="/">Simulated GitHub</a>${trail}</p>${body}</body></html>`;
}

/** Enough Markdown for what bots write: headings, lists, tables, code, links, emphasis; everything else as text. */
export function markdown(source: string): string {
  const lines = source
    .replaceAll("\r\n", "\n")
    .replaceAll(/<!--[\s\S]*?-->/gu, "")
    .split("\n");
  const out: string[] = [];
  let code: string[] | undefined;
  let table: string[] = [];
  const endTable = (): void => {
    if (table.length > 0) out.push(`<table>${table.join("")}</table>`);
    table = [];
  };
  for (const line of lines) {
    if (line.startsWith("```")) {
      if (code === undefined) code = [];
      else {
        out.push(`<pre>${code.join("\n")}</pre>`);
        code = undefined;
      }
    } else if (code !== undefined) code.push(escapeHtml(line));
    else if (/^\|.*\|\s*$/u.test(line)) {
      if (!/^\|[\s:|-]+\|\s*$/u.test(line)) table.push(row(line));
    } else {
      endTable();
      out.push(block(line));
    }
  }
  endTable();
  if (code !== undefined) out.push(`<pre>${code.join("\n")}</pre>`);
  return out.join("\n");
}

function row(line: string): string {
  const cells = line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/u);
  return `<tr>${cells.map((cell) => `<td>${inline(cell.trim())}</td>`).join("")}</tr>`;
}

function block(line: string): string {
  const heading = /^(#{1,4}) (.*)$/u.exec(line);
  if (heading !== null) {
    const level = (heading[1]?.length ?? 1) + 1;
    return `<h${level}>${inline(heading[2] ?? "")}</h${level}>`;
  }
  const item = /^\s*[-*] (?:\[([ x])\] )?(.*)$/u.exec(line);
  if (item !== null) {
    const box = item[1] === undefined ? "• " : item[1] === "x" ? "☑ " : "☐ ";
    return `<div>${box}${inline(item[2] ?? "")}</div>`;
  }
  // Folding is the one piece of HTML that GitHub's comments live on.
  if (/^<\/?(?:details|summary)>|^<summary>.*<\/summary>$/u.test(line.trim())) {
    const text = line.trim().replaceAll(/<\/?(?:details|summary|b|code)>/gu, "");
    const kept = line.trim().match(/<\/?(?:details|summary)>/gu) ?? [];
    if (kept.length === 0) return "";
    if (kept.length === 1) return `${kept[0] ?? ""}${inline(text)}`;
    return `${line.includes("<details>") ? "<details>" : ""}<summary>${inline(text)}</summary>`;
  }
  return line.trim() === "" ? "" : `<p>${inline(line)}</p>`;
}

function inline(text: string): string {
  return escapeHtml(text)
    .replaceAll(
      /``\s?(.+?)\s?``|`([^`]+)`/gu,
      (_, a: string, b: string) => `<code>${a ?? b}</code>`,
    )
    .replaceAll(/\[([^\]]+)\]\((https?:[^)\s]+)\)/gu, '<a href="$2">$1</a>')
    .replaceAll(/\*\*([^*]+)\*\*/gu, "<b>$1</b>");
}
