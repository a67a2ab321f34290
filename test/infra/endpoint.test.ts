import { describe, expect, it } from 'vitest';
import { gatewayResponses, ROUTES } from '../../lambdas/contract.ts';
import { ACCESS_LOG_FIELDS } from '../../lib/access-log.ts';
import { type Resource, resource, resources, synthesise } from './support.ts';

const template = synthesise();
const buffered = synthesise({ endpoint: { responseTransfer: 'buffered' } });
const DOMAIN = {
  domainName: 'mcp.sample-bank.example',
  certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
};
const branded = synthesise({ endpoint: { customDomain: DOMAIN } });

const methods = (from = template): readonly Resource[] => resources(from, 'AWS::ApiGateway::Method');

const functionOf = (method: Resource): string | undefined =>
  /"(Mcp|WellKnown|ConsoleFunction)[0-9A-F]{8}"/.exec(JSON.stringify(method.Properties['Integration']))?.[1];

describe('the routes', () => {
  it('are those of the contract and no other', () => {
    expect(methods()).toHaveLength(ROUTES.length);
  });

  it('all pass the authorizer, except the public metadata and the console, which signs people in by itself', () => {
    for (const method of methods()) {
      const open = functionOf(method) !== 'Mcp';
      expect(method.Properties['AuthorizationType'], method.id).toBe(open ? 'NONE' : 'CUSTOM');
      expect(method.Properties['AuthorizerId'] === undefined, method.id).toBe(open);
      if (functionOf(method) === 'WellKnown') expect(method.Properties['HttpMethod']).toBe('GET');
    }
  });

  it('cannot be reached past the authorizer by the test button of the console', () => {
    const permissions = resources(template, 'AWS::Lambda::Permission').filter(
      ({ Properties }) => Properties['Principal'] === 'apigateway.amazonaws.com',
    );
    expect(permissions.length).toBe(ROUTES.length + 1);
    expect(JSON.stringify(permissions)).not.toContain('test-invoke-stage');
    for (const { Properties } of permissions) expect(Properties['SourceArn']).toBeDefined();
  });

  it('stream what the contract streams', () => {
    for (const method of methods()) {
      const streams = functionOf(method) === 'Mcp';
      const { ResponseTransferMode, TimeoutInMillis } = method.Properties['Integration'] as Record<string, unknown>;
      expect({ ResponseTransferMode, TimeoutInMillis }).toEqual(
        streams
          ? { ResponseTransferMode: 'STREAM', TimeoutInMillis: 900_000 }
          : { ResponseTransferMode: 'BUFFERED', TimeoutInMillis: 29_000 },
      );
    }
  });

  it('stream nothing when the deployment is buffered', () => {
    expect(JSON.stringify(methods(buffered))).not.toContain('STREAM');
    expect(resource(buffered, 'AWS::Lambda::Function', 'Mcp').Properties).toMatchObject({
      Timeout: 29,
      Environment: { Variables: { RESPONSE_TRANSFER: 'buffered' } },
    });
  });
});

describe('the authorizer', () => {
  it('sees every request: no cache, no identity source that could refuse before it', () => {
    const { Properties } = resource(template, 'AWS::ApiGateway::Authorizer', 'Endpoint');
    expect(Properties).toMatchObject({ Type: 'REQUEST', AuthorizerResultTtlInSeconds: 0 });
    expect(Properties).not.toHaveProperty('IdentitySource');
  });
});

describe('the gateway responses', () => {
  it('are those of the contract, challenges included', () => {
    const deployed = resources(template, 'AWS::ApiGateway::GatewayResponse').map(({ Properties }) => ({
      type: Properties['ResponseType'],
      statusCode: Properties['StatusCode'],
      body: (Properties['ResponseTemplates'] as Record<string, string>)['application/json'],
    }));
    const expected = gatewayResponses(['mcp']).map(({ type, statusCode, body }) => ({ type, statusCode, body }));
    expect(deployed).toEqual(expected);
  });

  it('carry the challenge of the authorizer on 401 and a static one on 403', () => {
    const headers = (prefix: string) =>
      resource(template, 'AWS::ApiGateway::GatewayResponse', prefix).Properties['ResponseParameters'];
    expect(headers('EndpointApiACCESSDENIED')).toEqual({
      'gatewayresponse.header.WWW-Authenticate': 'context.authorizer.challenge',
    });
    expect(headers('EndpointApiUNAUTHORIZED')).toEqual({
      'gatewayresponse.header.WWW-Authenticate': expect.stringMatching(
        /^'Bearer error="insufficient_scope", scope="mcp"/,
      ),
    });
  });
});

describe('announced scopes', () => {
  const forbidden = (announcedScopes: string[]) =>
    resource(
      synthesise({ identity: { announcedScopes } }),
      'AWS::ApiGateway::GatewayResponse',
      'EndpointApiUNAUTHORIZED',
    ).Properties['ResponseParameters'];

  it('are what the static 403 asks for, not those in the token', () => {
    expect(forbidden(['api://countersign/mcp'])).toEqual({
      'gatewayresponse.header.WWW-Authenticate': `'Bearer error="insufficient_scope", scope="api://countersign/mcp"'`,
    });
  });

  it('are left out of it where they differ from server to server', () => {
    expect(forbidden(['{resource}/mcp'])).toEqual({
      'gatewayresponse.header.WWW-Authenticate': `'Bearer error="insufficient_scope"'`,
    });
  });
});

describe('the stage', () => {
  const stage = resource(template, 'AWS::ApiGateway::Stage', 'Endpoint');

  it('throttles, traces, and logs errors but no data', () => {
    expect(stage.Properties).toMatchObject({
      TracingEnabled: true,
      MethodSettings: [
        {
          HttpMethod: '*',
          ResourcePath: '/*',
          DataTraceEnabled: false,
          LoggingLevel: 'ERROR',
          ThrottlingRateLimit: 100,
          ThrottlingBurstLimit: 200,
        },
      ],
    });
  });

  it('logs each request as JSON, without headers, credentials or free text of the client', () => {
    const { Format } = stage.Properties['AccessLogSetting'] as { Format: string };
    const logged = JSON.parse(Format) as Record<string, string>;
    expect(logged).toEqual(ACCESS_LOG_FIELDS);
    expect(logged).toMatchObject({
      requestId: '$context.requestId',
      authorizerError: '$context.authorizer.error',
      integrationStatus: '$context.integration.status',
    });
    expect(Format).not.toMatch(/authorizer\.(principal|challenge|claims)|userAgent|error\.message|\.header\./i);
  });
});

describe('the public address', () => {
  it('is the stage address without a domain', () => {
    expect(JSON.stringify(template.toJSON()['Outputs'].PublicUrl)).toContain('.execute-api.');
    expect(JSON.stringify(template.toJSON()['Outputs'].PublicUrl)).toContain('/v1"');
  });

  it('is the domain alone when there is one: empty base path, TLS 1.2, no second door', () => {
    expect(branded.toJSON()['Outputs'].PublicUrl.Value).toBe('https://mcp.sample-bank.example');
    branded.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
    branded.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: DOMAIN.domainName,
      SecurityPolicy: 'TLS_1_2',
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
    expect(resource(branded, 'AWS::ApiGateway::BasePathMapping', 'Endpoint').Properties).not.toHaveProperty('BasePath');
    const unrouted = /^(Sealer|Keeper|Watcher|Reconciler)/;
    for (const fn of resources(branded, 'AWS::Lambda::Function').filter(({ id }) => !unrouted.test(id))) {
      expect(fn.Properties).toMatchObject({
        Environment: { Variables: { PUBLIC_URL: 'https://mcp.sample-bank.example' } },
      });
    }
  });
});
