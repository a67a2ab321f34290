// Decides which service a request is for, and refuses requests without credentials in that service's own words.

import { readCredentialScope } from './credential-scope.ts';
import { renderJsonError } from './json-protocol.ts';
import type { Outbox } from './outbox.ts';
import { OUTBOX_PATH, renderOutbox, SES_PATH, SLACK_PATH, sendEmail, slackWebhook } from './outbox-http.ts';
import { renderS3Error } from './s3/answers.ts';
import { isStsRequest, openSts, renderStsError } from './sts.ts';
import { AwsError, type AwsRequest, type AwsResponse, type AwsService, header } from './wire.ts';

export interface Services {
  readonly comprehend: AwsService;
  readonly dynamoDb: AwsService;
  readonly kms: AwsService;
  readonly logs: AwsService;
  readonly trail: AwsService;
  readonly secrets: AwsService;
  readonly s3: AwsService;
  readonly stepFunctions: AwsService;
  readonly outbox: Outbox;
}

interface Route {
  readonly service: AwsService;
  readonly renderError: (error: AwsError, request: Omit<AwsRequest, 'region'>) => AwsResponse;
}

/** A page of another site must not reach the loopback by pointing its own name at 127.0.0.1 (DNS rebinding). */
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

const unknownTarget =
  (target: string): AwsService =>
  () =>
    renderJsonError('1.1', new AwsError('UnknownOperationException', `Not served by the loopback AWS: ${target}`));

const jsonError =
  (version: '1.0' | '1.1') =>
  (error: AwsError): AwsResponse =>
    renderJsonError(version, error);

const selectRoute = (request: Omit<AwsRequest, 'region'>, services: Services): Route => {
  const target = header({ ...request, region: '' }, 'x-amz-target');
  if (target !== undefined) {
    switch (target.split('.', 1)[0]) {
      case 'DynamoDB_20120810':
        return { service: services.dynamoDb, renderError: jsonError('1.0') };
      case 'TrentService':
        return { service: services.kms, renderError: jsonError('1.1') };
      case 'secretsmanager':
        return { service: services.secrets, renderError: jsonError('1.1') };
      case 'Comprehend_20171127':
        return { service: services.comprehend, renderError: jsonError('1.1') };
      case 'Logs_20140328':
        return { service: services.logs, renderError: jsonError('1.1') };
      case 'CloudTrail_20131101':
        return { service: services.trail, renderError: jsonError('1.1') };
      case 'AWSStepFunctions':
        return { service: services.stepFunctions, renderError: jsonError('1.0') };
      default:
        return { service: unknownTarget(target), renderError: jsonError('1.1') };
    }
  }
  if (isStsRequest(request)) return { service: openSts, renderError: renderStsError };
  if (request.path === SES_PATH) return { service: sendEmail(services.outbox), renderError: jsonError('1.1') };
  return { service: services.s3, renderError: renderS3Error };
};

const missingCredentials = (isS3: boolean): AwsError =>
  isS3
    ? new AwsError('AccessDenied', 'Access Denied', { status: 403 })
    : new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');

/** The one entrance: every request of the HTTP server comes through here. */
export const createDispatcher =
  (services: Services) =>
  async (request: Omit<AwsRequest, 'region'>): Promise<AwsResponse> => {
    if (!LOOPBACK_HOST.test(request.headers.host ?? '')) {
      return { status: 403, headers: {}, body: 'The loopback AWS answers to loopback names only' };
    }
    // Neither a Slack webhook nor the page of what was sent is an AWS API; they take no credentials.
    if (request.path === OUTBOX_PATH && request.method === 'GET') return renderOutbox(services.outbox);
    if (request.path.startsWith(SLACK_PATH)) return slackWebhook(services.outbox, request);

    const { service, renderError } = selectRoute(request, services);
    const scope = readCredentialScope(request.headers, request.query);
    switch (scope.kind) {
      case 'missing':
        return renderError(missingCredentials(service === services.s3), request);
      case 'malformed':
        return renderError(new AwsError('IncompleteSignatureException', 'Not a SigV4 Authorization'), request);
      case 'signed':
        return await service({ ...request, region: scope.region });
    }
  };
