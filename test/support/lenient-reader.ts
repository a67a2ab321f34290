// A server that reads more into a request than the gateway did: by the charset of its Content-Type, and with member
// names in any case. What it would run must be what was recorded.

/** UTF-7 (RFC 2152): `+…-` holds UTF-16 in base64. */
const utf7 = (text: string): string =>
  text.replaceAll(/\+([A-Za-z0-9+/]*)-?/g, (_whole, base64: string) =>
    base64 === '' ? '+' : Buffer.from(base64, 'base64').swap16().toString('utf16le'),
  );

/** Text as UTF-7 that holds no character that JSON would end a string at. */
export const hiddenInUtf7 = (text: string): string =>
  text.replaceAll(/["\\{}]/g, (found) => {
    const base64 = Buffer.from(found, 'utf16le').swap16().toString('base64').replaceAll('=', '');
    return `+${base64}-`;
  });

const folded = (value: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(typeof value === 'object' && value !== null ? value : {}).map(([name, member]) => [
      name.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase(),
      member,
    ]),
  );

/** The call that such a server would run. */
export const leniently = (contentType: string | undefined, body: string) => {
  const message = folded(JSON.parse(/charset="?utf-7/i.test(contentType ?? '') ? utf7(body) : body));
  return { method: message['method'], name: folded(message['params'])['name'] ?? null };
};

/** An answer of as many UTF-16 units as were asked for, in which a pair of halves lies across every even offset. */
export const sizedAnswer = (id: unknown, body: string): string => {
  const { params } = JSON.parse(body) as { params: { arguments: { units: number } } };
  const { units } = params.arguments;
  const [open, close] = [`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"text":"`, '"}}'];
  const lead = open.length % 2 === 0 ? 'x' : '';
  const pairs = Math.floor((units - open.length - lead.length - close.length) / 2);
  const text = `${lead}${'😀'.repeat(pairs)}`;
  return `${open}${text.padEnd(units - open.length - close.length, 'x')}${close}`;
};
