/** The one stylesheet of the console, served as a file: the content security policy allows no inline style. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#14213d;--soft:#55607a;--line:#d5dbe7;--card:#fff;--ground:#eef1f6;--accent:#1d4ed8;
--on-accent:#fff;--good:#17643b;--bad:#a02020;--warn:#7c4a03;--warn-ground:#fff3d6}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf5;--soft:#a9b4ca;--line:#33405a;--card:#182238;--ground:#0d1424;--accent:#8fb1ff;
--on-accent:#0d1424;--good:#7fd3a0;--bad:#ff9d9d;--warn:#ffdf9e;--warn-ground:#3a2c10}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
header{display:flex;flex-wrap:wrap;gap:.4rem 1rem;justify-content:space-between;align-items:center;padding:.7rem 1rem;background:var(--card);border-bottom:1px solid var(--line)}
header a{font-weight:650;color:var(--ink);text-decoration:none}
nav{display:flex;gap:.4rem 1.2rem;align-items:baseline}
header a.to{font-weight:500;color:var(--accent)}
header form{display:flex;gap:.8rem;align-items:center;margin:0}
main{max-width:52rem;margin:1.2rem auto 3rem;padding:0 1rem}
h1{font-size:1.5rem;line-height:1.25;margin:.6rem 0 .3rem;letter-spacing:-.01em}
h2{font-size:1.05rem;margin:0 0 .7rem}
p{margin:.3rem 0 .9rem}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.1rem 1.2rem;margin:1rem 0}
.scroll{overflow-x:auto}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th{font-size:.8rem;color:var(--soft);font-weight:600}
th,td{text-align:left;padding:.5rem .8rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
code,pre{font:.87rem/1.55 ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
pre{margin:.2rem 0;padding:.8rem .9rem;background:var(--ground);border-radius:10px;white-space:pre-wrap}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.35rem 1rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.soft{color:var(--soft);font-size:.88rem}
.state{display:inline-block;padding:.1rem .6rem;border-radius:10px;border:1px solid var(--line);font-size:.85rem;font-weight:600}
.good{color:var(--good)}.bad{color:var(--bad)}
.note{background:var(--warn-ground);color:var(--warn);border-radius:10px;padding:.7rem .9rem}
label{display:block;font-weight:600;margin:.2rem 0 .3rem}
textarea,input[type=text]{width:100%;min-height:2.9rem;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--soft);border-radius:10px;padding:.6rem .7rem}
textarea{min-height:4.5rem}
.num{text-align:right}
.choices{display:flex;flex-wrap:wrap;gap:.8rem;margin-top:.9rem}
button,.button{font:inherit;font-weight:650;min-height:2.9rem;padding:.5rem 1.4rem;border-radius:10px;border:1px solid var(--soft);background:var(--card);color:var(--ink);cursor:pointer;text-decoration:none;display:inline-block}
button.yes{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
button.no{border-color:var(--bad);color:var(--bad)}
header button{min-height:2rem;padding:.1rem .8rem}
article{display:grid;grid-template-columns:2.5rem 1fr;border-top:1px solid var(--line);padding:.8rem 0}
h2+article{border-top:0;padding-top:0}
article>div{min-width:0}
article .seq{color:var(--soft);font-variant-numeric:tabular-nums}
h3{font-size:1rem;font-weight:400;margin:0}
article p{margin:.15rem 0 .4rem}
article td code{white-space:nowrap}
summary{cursor:pointer;color:var(--accent);padding:.15rem 0}
@media(max-width:34rem){dl{grid-template-columns:1fr;gap:.1rem}dd{margin-bottom:.5rem}.choices button{width:100%}}
`;
