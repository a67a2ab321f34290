// Keeping sessions: the function that ends those which are over and records what their calls left open, and what wakes it.
// It may add entries and read them; it can neither write evidence nor sign.
import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { HouseFunction } from './house-function.ts';
import type { Ledger } from './ledger.ts';
import { accept } from './nag.ts';
import type { Sessions } from './sessions.ts';

export interface KeepingProps {
  readonly ledger: Ledger;
  readonly sessions: Sessions;
}

export class Keeping extends Construct {
  private readonly props: KeepingProps;

  constructor(scope: Construct, id: string, props: KeepingProps) {
    super(scope, id);
    this.props = props;
  }

  /** Makes `fn` the keeper of the sessions. */
  grantKeep(fn: HouseFunction): void {
    this.props.ledger.grantSettle(fn);
    this.props.sessions.grantKeep(fn);
    new Rule(this, 'Schedule', {
      description: 'Countersign: ends sessions that are over and settles their calls',
      // A session that ended a minute ago still cannot be used: only its closing entry waits.
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(fn, { retryAttempts: 0 })],
    });
    accept(fn, KEEPER_REASONS);
  }
}

const KEEPER_REASONS = {
  'NIST.800.53.R5-LambdaDLQ':
    'Its events are wake-ups without content: what is due stands in the sessions table until a run has looked after it. Errors, and a keeper that does not run, raise alarms.',
};
