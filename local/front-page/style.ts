/** The one stylesheet of the laptop's console; the content security policy allows it by its hash. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#14213d;--soft:#5b667d;--line:#d9dee8;--card:#fff;--ground:#eef1f6;--accent:#1d4ed8;
--good:#17643b;--bad:#a02020;--warn:#7c4a03;--warn-ground:#fff3d6}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf5;--soft:#a3aec4;--line:#33405a;--card:#182238;--ground:#0d1424;--accent:#7aa2ff;
--good:#7fd3a0;--bad:#ff9d9d;--warn:#ffdf9e;--warn-ground:#3a2c10}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
.banner{margin:0;padding:.6rem 1rem;text-align:center;background:var(--warn-ground);color:var(--warn);font-size:.9rem}
main{max-width:64rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:.5rem 0 .2rem;letter-spacing:-.01em}
h2{font-size:1.1rem;margin:0 0 .8rem}
p{margin:.3rem 0 1rem}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.2rem 1.4rem;margin:1rem 0;overflow-x:auto}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th{font-size:.8rem;color:var(--soft);font-weight:600}
th,td{text-align:left;padding:.45rem .8rem .45rem 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
code,pre{font:.86rem/1.5 ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
td code{white-space:nowrap}
pre{margin:.2rem 0 .9rem;padding:.7rem .9rem;background:var(--ground);border-radius:10px;white-space:pre-wrap}
.soft{color:var(--soft);font-size:.86rem}
.num{text-align:right}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}
article{display:grid;grid-template-columns:2.5rem 1fr;border-top:1px solid var(--line);padding:.8rem 0}
h2+article{border-top:0;padding-top:0}
article>div{min-width:0}
article .seq{color:var(--soft);font-variant-numeric:tabular-nums}
h3{font-size:1rem;font-weight:400;margin:0}
article p{margin:.15rem 0 .4rem}
article td code{white-space:nowrap}
summary{cursor:pointer;color:var(--accent);padding:.15rem 0}
.scroll{overflow-x:auto}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
`;
