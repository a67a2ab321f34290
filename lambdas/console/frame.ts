// The frame around every page of the console. `html` escapes every value; there is no script.

import { html } from 'hono/html';

export type Html = ReturnType<typeof html>;

/** A page, and the status it is sent with. */
export interface Page {
  readonly status: number;
  readonly body: string;
}

interface Viewer {
  readonly name: string | null;
  readonly subject: string;
  readonly signOutToken: string;
  readonly seesSessions: boolean;
}

/** Addresses are relative to `root`, the path of the console: behind a stage of API Gateway it has a stage in front. */
export interface Frame {
  readonly root: string;
  readonly viewer: Viewer | null;
}

export const page = (status: number, title: string, { root, viewer }: Frame, content: Html): Page => ({
  status,
  body: String(html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<base href="${root}/"><title>${title} · Countersign</title><link rel="stylesheet" href="style.css"></head><body>
<header><nav><a href="${root}">Countersign</a>${viewer?.seesSessions === true ? html`<a class="to" href="sessions">Sessions</a>` : ''}</nav>${viewer === null ? '' : signedIn(viewer)}</header>
<main>${content}</main></body></html>`),
});

const signedIn = ({ name, subject, signOutToken }: Viewer): Html =>
  html`<form method="post" action="sign-out"><input type="hidden" name="token" value="${signOutToken}">
<span>${name ?? subject}</span><button>Sign out</button></form>`;

/** A page that says one thing. */
export const messagePage = (status: number, title: string, text: string, frame: Frame): Page =>
  page(status, title, frame, html`<h1>${title}</h1><p>${text}</p><p><a href="${frame.root}">All requests</a></p>`);

/** Text as itself, with what would hide or turn it made visible; anything else as JSON. */
export const readable = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? 'none');
  return text.replaceAll(
    /[\p{Cf}\p{Co}\p{Zl}\p{Zp}]|(?![\n\t])\p{Cc}/gu,
    (hidden) => `\\u{${(hidden.codePointAt(0) ?? 0).toString(16)}}`,
  );
};
