// What masking asks of others: Amazon Comprehend, where the configuration says so. Else nothing is granted.
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import type { HouseFunction } from './house-function.ts';
import { accept } from './nag.ts';

export interface MaskingProps {
  readonly masking: GatewayConfig['masking'];
}

export class Masking extends Construct {
  private readonly asksComprehend: boolean;

  constructor(scope: Construct, id: string, props: MaskingProps) {
    super(scope, id);
    this.asksComprehend = (props.masking?.comprehend ?? null) !== null;
  }

  /** Lets `fn` ask Comprehend which personal data a text holds. */
  grantDetect(fn: HouseFunction): void {
    if (!this.asksComprehend) return;
    Grant.addToPrincipal({ grantee: fn, actions: ['comprehend:DetectPiiEntities'], resourceArns: ['*'] });
    if (fn.role !== undefined) accept(fn.role, ROLE_REASONS);
  }
}

const ROLE_REASONS = {
  'AwsSolutions-IAM5[Resource::*]':
    'comprehend:DetectPiiEntities has no resources to name, and X-Ray neither. It takes a text and gives places in it: it reads nothing of the account. test/infra/permissions.test.ts holds it to the two functions that mask.',
};
