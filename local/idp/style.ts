/** The one stylesheet of the development sign-in; the content security policy allows it by its hash. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#14213d;--soft:#5b667d;--line:#d9dee8;--card:#fff;--ground:#eef1f6;--accent:#1d4ed8;--on:#fff;
--warn:#7c4a03;--warn-ground:#fff3d6}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf5;--soft:#a3aec4;--line:#33405a;--card:#182238;--ground:#0d1424;--accent:#7aa2ff;
--on:#0d1424;--warn:#ffdf9e;--warn-ground:#3a2c10}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
.banner{margin:0;padding:.6rem 1rem;text-align:center;background:var(--warn-ground);color:var(--warn);font-size:.9rem}
.banner strong{margin-right:.5em}
main{max-width:29rem;margin:2.5rem auto 1rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:14px}
h1{margin:0;font-size:1.5rem;letter-spacing:-.01em}
.lead{margin:.35rem 0 1.4rem;color:var(--soft)}
.lead strong{color:var(--ink)}
button{font:inherit;color:inherit;cursor:pointer;border-radius:10px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.person{display:flex;gap:.9rem;align-items:center;width:100%;margin:0 0 .6rem;padding:.7rem .9rem;text-align:left;background:none;
border:1px solid var(--line)}
.person:hover{border-color:var(--accent)}
.person span span{display:block}
.initials{flex:none;width:2.6rem;height:2.6rem;display:grid;place-items:center;border-radius:50%;background:var(--accent);
color:var(--on);font-weight:600;font-size:.9rem}
.name{font-weight:600}
.role{font-size:.92rem}
.groups,.note{font-size:.82rem;color:var(--soft)}
.note{display:block}
dl{margin:0 0 1.4rem;border-top:1px solid var(--line)}
dt{margin-top:.8rem;font-size:.82rem;color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,monospace}
.actions{display:flex;gap:.6rem;margin:1rem 0 0}
.primary,.quiet{padding:.6rem 1.3rem;border:1px solid var(--line);background:none}
.primary{background:var(--accent);border-color:var(--accent);color:var(--on);font-weight:600}
details{margin-top:1.2rem}
summary{cursor:pointer;color:var(--soft);margin-bottom:.7rem}
footer{text-align:center;padding:0 0 2rem;color:var(--soft);font-size:.82rem}
`;
