// Where a deployment on MiniStack differs from one on AWS, all of it, each with its reason. Nothing else is skipped, and
// an entry that no longer applies fails the run. How MiniStack's services differ is in test/contract/differences.ts.

/** What corrected-ministack.py changes in MiniStack, so that the unmodified app can be deployed and called. */
export const CORRECTIONS: Readonly<Record<string, string>> = {
  'gateway-responses': 'MiniStack stores the gateway responses of a REST API and answers with its own instead',
  'authorizer-event': 'a REQUEST authorizer gets no requestContext.identity and no requestContext.requestId',
  'request-id': 'the integration gets a request id of its own, where API Gateway has one per request',
  'source-ip': 'the source address is taken from X-Forwarded-For, which any client may send',
  'remapped-header': 'WWW-Authenticate of a function passes; API Gateway renames it',
  'termination-protection': 'CloudFormation UpdateTerminationProtection is unknown',
  'metric-math': 'an alarm on a metric expression fails to create; nothing evaluates alarms here',
  'parallel-branches':
    'a Parallel state of Step Functions of which a branch failed goes on until the others have ended, and its Catch is not read',
  'metric-filter': 'AWS::Logs::MetricFilter is unknown; nothing evaluates metrics here',
};

/** What the template asks for, MiniStack's CloudFormation ignores, and after-deploy.ts sets by API. */
export const IGNORED_PROPERTIES: Readonly<Record<string, string>> = {
  'S3 ObjectLockConfiguration': 'AWS::S3::Bucket makes a bucket without Object Lock',
  'S3 PublicAccessBlockConfiguration': 'AWS::S3::Bucket makes a bucket without it',
  'DynamoDB TimeToLiveSpecification': 'AWS::DynamoDB::Table makes a table without it',
};

/** Test files that cannot run against a deployment. */
export const LEFT_OUT_FILES: Readonly<Record<string, string>> = {
  'test/e2e/approval-restart.test.ts':
    'restarts everything on its folders; here the second deployment shows kept requests',
  'test/e2e/ledger-failures.test.ts':
    'puts a proxy between gateway and AWS and kills the gateway; a Lambda lets one do neither',
  'test/e2e/reconciling.test.ts': 'reads the access log of API Gateway, which the emulator does not write',
  'test/e2e/session-ends.test.ts': 'kills the gateway in the middle of a call, and puts the keeper’s clock forward',
  'test/e2e/comprehend.test.ts': 'asks Amazon Comprehend, which the emulator does not have',
  'test/e2e/restart.test.ts': 'restarts the loopback AWS on its folder; here the second deployment shows kept state',
  'test/e2e/policy-changed.test.ts':
    'restarts the gateway under changed configurations; here the second deployment does',
  'test/e2e/strict-failures.test.ts':
    'puts a proxy between gateway and AWS and kills the gateway; a Lambda lets one do neither',
  'test/e2e/split-view.test.ts':
    'needs a witness, which is a stack of its own in another account; the deployed configuration names none',
  'test/e2e/masking-everywhere.test.ts':
    'listens to what the functions log, in its own process; here they have processes of their own',
  'test/e2e/announced-scopes.test.ts': 'announces other scopes than the one configuration that is deployed for all',
};

/** Run after the second deployment, whose configuration they need. */
export const SECOND_FILES: readonly string[] = ['test/e2e/approval-waits.test.ts'];

/**
 * Test files that come before all others, in this order: they look at the whole log, which all files share, and each
 * leaves it in a state that the next ones can do with. After the last of them it shows a hand in every table.
 */
export const FIRST_FILES: readonly string[] = [
  'test/e2e/sealing.test.ts',
  'test/e2e/masking.test.ts',
  'test/e2e/approvals-evidence.test.ts',
  'test/e2e/table-hand.test.ts',
];

/** Tests that run and must fail: what they show does not exist here. Full name of the test to the reason. */
export const EXPECTED_FAILURES: Readonly<Record<string, string>> = {
  'SDK v1 (2025-11-25) > gets progress while the call runs, not at its end':
    'MiniStack answers 502 to streaming integrations, so answers are deployed buffered',
  'a card number over three progress events > holds up no progress that is none': 'the same: the answer comes whole',
  'what crosses > no header of the client but the few that MCP needs':
    'clients reach the deployed address through a proxy, and fetch refuses to send Proxy-Authorization through one',
  'a client that goes away > cancels the call, and the ledger says so':
    'a buffered function is not told that the client left, neither here nor on AWS',
  'a client that goes away > before the upstream answers leaves an outcome all the same':
    'the same; the outcome is that of the upstream, which here times out',
};

/** Findings of cfn-lint that stand, and why. */
export const CFN_LINT_FINDINGS: Readonly<Record<string, string>> = {
  W3005: 'CDK writes DependsOn a role beside the GetAtt that implies it; redundant, not wrong',
};
