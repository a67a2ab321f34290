// How approvers are told: mail from one verified sender, and Slack by webhooks whose URLs are secrets.
import { Stack } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ChannelConfig, GatewayConfig } from '../lambdas/gateway-config.ts';
import type { HouseFunction } from './house-function.ts';
import { NamedSecrets } from './named-secrets.ts';

export interface ChannelsProps {
  readonly approvals: GatewayConfig['approvals'];
}

export class Channels extends Construct {
  private readonly webhooks: NamedSecrets;
  private readonly from: string | null;

  constructor(scope: Construct, id: string, { approvals }: ChannelsProps) {
    super(scope, id);
    this.from = approvals.from;
    this.webhooks = new NamedSecrets(this, 'Webhooks', Object.values(approvals.channels).flat().flatMap(webhookOf));
  }

  /** Lets `fn` send, in the name of the configured sender only. */
  grantSend(fn: HouseFunction): void {
    this.webhooks.grantRead(fn);
    if (this.from === null) return;
    // Verified is the address or its whole domain; the condition holds whichever it is.
    const identities = [this.from, this.from.slice(this.from.indexOf('@') + 1)];
    const resourceArns = identities.map((resourceName) =>
      Stack.of(this).formatArn({ service: 'ses', resource: 'identity', resourceName }),
    );
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['ses:SendEmail'],
      resourceArns,
      conditions: { StringEquals: { 'ses:FromAddress': this.from } },
    });
  }
}

const webhookOf = (channel: ChannelConfig): readonly string[] => (channel.kind === 'slack' ? [channel.secret] : []);
