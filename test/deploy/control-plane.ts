// What was really deployed, as MiniStack's own APIs tell it; read when something is wrong.

import { env } from 'node:process';

const regionScope = (service: string): Record<string, string> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=LOCALLAPTOP/20261122/${env['AWS_REGION']}/${service}/aws4_request`,
});

const get = async <Answer>(awsUrl: string, path: string, service: string): Promise<Answer> => {
  const response = await fetch(new URL(path, awsUrl), { headers: regionScope(service) });
  return (await response.json()) as Answer;
};

export interface DeployedFunction {
  readonly FunctionName: string;
  readonly Handler: string;
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
  readonly LoggingConfig?: { readonly LogGroup?: string };
}

/** The functions of the stack. */
export const listFunctions = async (awsUrl: string): Promise<readonly DeployedFunction[]> =>
  (await get<{ Functions: readonly DeployedFunction[] }>(awsUrl, '/2015-03-31/functions/', 'lambda')).Functions;

interface DeployedMethod {
  readonly authorizationType?: string;
  readonly authorizerId?: string;
  readonly methodIntegration?: { readonly uri?: string };
}

export interface DeployedResource {
  readonly path: string;
  readonly resourceMethods?: Readonly<Record<string, DeployedMethod>>;
}

export const listResources = async (awsUrl: string, api: string): Promise<readonly DeployedResource[]> =>
  (await get<{ item: readonly DeployedResource[] }>(awsUrl, `/restapis/${api}/resources?embed=methods&limit=500`, 'x'))
    .item;

export interface DeployedResponse {
  readonly responseType: string;
  readonly statusCode?: string;
  readonly responseParameters: Readonly<Record<string, string>>;
}

export const listGatewayResponses = async (awsUrl: string, api: string): Promise<readonly DeployedResponse[]> =>
  (await get<{ item: readonly DeployedResponse[] }>(awsUrl, `/restapis/${api}/gatewayresponses`, 'x')).item;

/** Lambda's own lines, warnings of Node about packages, and places in a minified bundle. */
const NOISE = /^(START|END|REPORT) RequestId|DeprecationWarning|--trace-deprecation|^\s+at /;

/** The last lines that a function logged, oldest first. */
export const logTail = async (awsUrl: string, logGroupName: string, lines: number): Promise<readonly string[]> => {
  const response = await fetch(awsUrl, {
    method: 'POST',
    headers: {
      ...regionScope('logs'),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.FilterLogEvents',
    },
    body: JSON.stringify({ logGroupName }),
  });
  const { events = [] } = (await response.json()) as {
    events?: readonly { readonly timestamp: number; readonly message: string }[];
  };
  return events
    .toSorted((a, b) => a.timestamp - b.timestamp)
    .map(({ message }) => message)
    .filter((message) => !NOISE.test(message))
    .slice(-lines);
};
