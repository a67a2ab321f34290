// The HTTP faces of the outbox: SES v2 SendEmail, Slack incoming webhooks, and GET /_outbox to look at what was sent.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks

import { z } from 'zod';
import type { Outbox } from './outbox.ts';
import type { AwsRequest, AwsResponse, AwsService } from './wire.ts';

export const OUTBOX_PATH = '/_outbox';
export const SLACK_PATH = '/slack/';
export const SES_PATH = '/v2/email/outbound-emails';

const part = z.object({ Data: z.string() });
const addresses = z.array(z.string().min(3)).default([]);
const emailInput = z.object({
  FromEmailAddress: z.string().min(3),
  Destination: z.object({ ToAddresses: addresses, CcAddresses: addresses, BccAddresses: addresses }),
  Content: z.union([
    z.object({ Simple: z.object({ Subject: part, Body: z.object({ Text: part.optional(), Html: part.optional() }) }) }),
    z.object({ Raw: part }),
  ]),
});
type EmailInput = z.output<typeof emailInput>;

const json = (status: number, value: unknown, headers: Record<string, string> = {}): AwsResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value, null, 2),
});

const parseJson = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined; // the schema refuses it
  }
};

const contentOf = (
  content: EmailInput['Content'],
): { subject: string; text: string | null; html: string | null; raw: string | null } => {
  if ('Raw' in content) return { subject: '', text: null, html: null, raw: content.Raw.Data };
  const { Subject, Body } = content.Simple;
  return { subject: Subject.Data, text: Body.Text?.Data ?? null, html: Body.Html?.Data ?? null, raw: null };
};

/** SES v2 SendEmail with Simple or Raw content. Any sender is taken as verified. */
export const sendEmail =
  (outbox: Outbox): AwsService =>
  (request) => {
    const parsed = emailInput.safeParse(parseJson(request.body));
    const { ToAddresses = [], CcAddresses = [], BccAddresses = [] } = parsed.data?.Destination ?? {};
    const to = [...ToAddresses, ...CcAddresses, ...BccAddresses];
    if (request.method !== 'POST' || !parsed.success || to.length === 0) {
      const message = parsed.success ? 'A recipient and method POST are required' : z.prettifyError(parsed.error);
      return json(400, { message }, { 'x-amzn-errortype': 'BadRequestException' });
    }
    const { FromEmailAddress: from, Content } = parsed.data;
    const message = outbox.add({ channel: 'email', from, to, ...contentOf(Content) });
    return json(200, { MessageId: message.id });
  };

/** A Slack incoming webhook: any name, no credentials, the answer is the word `ok`. */
export const slackWebhook = (outbox: Outbox, request: Pick<AwsRequest, 'method' | 'path' | 'body'>): AwsResponse => {
  const webhook = decodeURIComponent(request.path.slice(SLACK_PATH.length));
  const payload = z.record(z.string(), z.unknown()).safeParse(parseJson(request.body));
  const text = (status: number, body: string): AwsResponse => ({
    status,
    headers: { 'content-type': 'text/plain' },
    body,
  });
  if (request.method !== 'POST' || !payload.success) return text(400, 'invalid_payload');
  if (webhook === '') return text(404, 'no_service');
  outbox.add({ channel: 'slack', webhook, payload: payload.data });
  return text(200, 'ok');
};

/** Everything sent so far, newest first. */
export const renderOutbox = (outbox: Outbox): AwsResponse => json(200, { messages: outbox.messages().toReversed() });
