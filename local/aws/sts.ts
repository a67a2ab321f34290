// The loopback STS: who is asking, by the access key of the request. Nothing else is served.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html

import { randomUUID } from 'node:crypto';
import { readCredentialScope } from './credential-scope.ts';
import { renderXml } from './s3/xml.ts';
import { ACCOUNT_ID, AwsError, type AwsResponse, type AwsService } from './wire.ts';

const XMLNS = 'https://sts.amazonaws.com/doc/2011-06-15/';

const xml = (root: string, value: Parameters<typeof renderXml>[1], status = 200): AwsResponse => ({
  status,
  headers: { 'content-type': 'text/xml', date: new Date().toUTCString() },
  body: renderXml(root, value).replace(`<${root}>`, `<${root} xmlns="${XMLNS}">`),
});

/** The query protocol: the operation is a form field. */
export const isStsRequest = (request: { readonly path: string; readonly body: Buffer }): boolean =>
  request.path === '/' && new URLSearchParams(request.body.toString('utf8')).get('Version') === '2011-06-15';

export const renderStsError = (error: AwsError): AwsResponse =>
  xml(
    'ErrorResponse',
    { Error: { Type: 'Sender', Code: error.code, Message: error.message }, RequestId: randomUUID() },
    error.status,
  );

export const openSts: AwsService = (request) => {
  const action = new URLSearchParams(request.body.toString('utf8')).get('Action');
  const scope = readCredentialScope(request.headers, request.query);
  if (action !== 'GetCallerIdentity' || scope.kind !== 'signed') {
    return renderStsError(new AwsError('InvalidAction', `Not served by the loopback STS: ${action}`));
  }
  const { accessKeyId } = scope;
  const identity = { Arn: `arn:aws:iam::${ACCOUNT_ID}:user/${accessKeyId}`, UserId: accessKeyId, Account: ACCOUNT_ID };
  return xml('GetCallerIdentityResponse', {
    GetCallerIdentityResult: identity,
    ResponseMetadata: { RequestId: randomUUID() },
  });
};
