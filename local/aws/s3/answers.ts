// The answers of the S3 REST protocol.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html

import { randomUUID } from 'node:crypto';
import { AwsError, type AwsRequest, type AwsResponse } from '../wire.ts';
import { renderXml, type XmlValue } from './xml.ts';

const requestId = (): string => randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase();

export const emptyAnswer = (status: number, headers: Record<string, string> = {}): AwsResponse => ({
  status,
  headers: { 'x-amz-request-id': requestId(), ...headers },
  body: '',
});

export const xmlAnswer = (root: string, value: XmlValue, headers: Record<string, string> = {}): AwsResponse => ({
  status: 200,
  headers: { 'x-amz-request-id': requestId(), 'content-type': 'application/xml', ...headers },
  body: renderXml(root, value),
});

export const renderS3Error = (error: AwsError, request: Pick<AwsRequest, 'method' | 'path'>): AwsResponse => {
  const answer = xmlAnswer(
    'Error',
    {
      Code: error.code,
      Message: error.message,
      ...(error.fields as Record<string, XmlValue>),
      Resource: request.path,
      RequestId: requestId(),
    },
    { ...error.headers },
  );
  // HEAD and 304 answers have no body: the SDK then knows the status only, as with S3.
  const bodiless = request.method === 'HEAD' || error.status === 304;
  return { ...answer, status: error.status, body: bodiless ? '' : answer.body };
};

export const notFound = {
  bucket: (bucket: string): AwsError =>
    new AwsError('NoSuchBucket', 'The specified bucket does not exist', {
      status: 404,
      fields: { BucketName: bucket },
    }),
  key: (key: string, headers: Record<string, string> = {}): AwsError =>
    new AwsError('NoSuchKey', 'The specified key does not exist.', { status: 404, fields: { Key: key }, headers }),
  version: (key: string, versionId: string): AwsError =>
    new AwsError('NoSuchVersion', 'The specified version does not exist.', {
      status: 404,
      fields: { Key: key, VersionId: versionId },
    }),
};

export const preconditionFailed = (condition: string): AwsError =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    status: 412,
    fields: { Condition: condition },
  });

export const notImplemented = (what: string): AwsError =>
  new AwsError('NotImplemented', `A header or operation you provided is not served by the loopback S3: ${what}`, {
    status: 501,
  });

export const invalidArgument = (message: string): AwsError => new AwsError('InvalidArgument', message);
export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequest', message);
