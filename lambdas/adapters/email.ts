// Mail by Amazon SES (v2), plain text.

import { type SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Message } from '../core/approvals/message.ts';

export type SendEmail = (from: string, to: readonly string[], message: Message) => Promise<void>;

export const makeEmail =
  (client: SESv2Client): SendEmail =>
  async (from, to, { subject, text }) => {
    await client.send(
      new SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: [...to] },
        Content: { Simple: { Subject: { Data: subject }, Body: { Text: { Data: text } } } },
      }),
    );
  };
