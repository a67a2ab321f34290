// What API Gateway writes about each request, whatever the functions do: the independent side of reconciliation.
// No header, no body, no authorizer context. No free text of a client either (user agent, error message): API Gateway
// does not promise to escape it, and a quote in it could add a second `requestId` to the line.

/** Field to API Gateway variable. All are quoted: an absent one is logged as "-", and the line stays JSON. */
export const ACCESS_LOG_FIELDS = {
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  traceId: '$context.xrayTraceId',
  time: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  domainName: '$context.domainName',
  method: '$context.httpMethod',
  path: '$context.path',
  resourcePath: '$context.resourcePath',
  protocol: '$context.protocol',
  status: '$context.status',
  responseBytes: '$context.responseLength',
  responseMilliseconds: '$context.responseLatency',
  errorType: '$context.error.responseType',
  authorizerStatus: '$context.authorizer.status',
  authorizerError: '$context.authorizer.error',
  authorizerMilliseconds: '$context.authorizer.latency',
  integrationRequestId: '$context.integration.requestId',
  integrationStatus: '$context.integration.status',
  integrationError: '$context.integration.error',
  integrationMilliseconds: '$context.integration.latency',
  transferMode: '$context.integration.responseTransferMode',
  headersMilliseconds: '$context.integration.timeToAllHeaders',
  firstContentMilliseconds: '$context.integration.timeToFirstContent',
  wafStatus: '$context.waf.status',
} as const;
