// The public face: a regional REST API built from ROUTES. The authorizer has no identity source and no cache, so that
// it sees, and records, every request, one without any token included.
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  type CfnAuthorizer,
  EndpointType,
  type IAuthorizer,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RequestAuthorizer,
  ResponseTransferMode,
  ResponseType,
  RestApi,
  SecurityPolicy,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { gatewayResponses, ROUTES, type Route, type RoutedFunctionName } from '../lambdas/contract.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import { ACCESS_LOG_FIELDS } from './access-log.ts';
import type { AtRestKey } from './at-rest-key.ts';
import type { HouseFunction, HouseFunctions } from './house-function.ts';
import { accept } from './nag.ts';

/** API Gateway's bounds on an answer, by how it is carried. */
export const ANSWER_WITHIN = { stream: Duration.minutes(15), buffered: Duration.seconds(29) } as const;

export interface EndpointProps {
  readonly config: GatewayConfig;
  readonly atRestKey: AtRestKey;
}

export class Endpoint extends Construct {
  readonly api: RestApi;
  /** API Gateway's own account of what arrived. */
  readonly accessLogs: LogGroup;
  /** Base URL without trailing slash, known before any function: functions need it, the routes need functions. */
  readonly publicUrl: string;
  /** What the bank's DNS record for the custom domain points at; `undefined` without one. */
  readonly domainTarget: string | undefined;
  private readonly config: GatewayConfig;

  constructor(scope: Construct, id: string, props: EndpointProps) {
    super(scope, id);
    this.config = props.config;
    this.accessLogs = accessLogGroup(this, props.atRestKey);
    const { customDomain, stageName } = props.config.endpoint;
    this.api = new RestApi(this, 'Api', {
      description: 'Countersign MCP gateway',
      endpointTypes: [EndpointType.REGIONAL],
      // With a domain of our own there is one door, not two.
      disableExecuteApiEndpoint: customDomain !== null,
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: stageOptions(props, this.accessLogs),
    });
    this.publicUrl =
      customDomain === null
        ? `https://${this.api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${stageName}`
        : `https://${customDomain.domainName}`;
    this.domainTarget = customDomain === null ? undefined : this.addDomain(customDomain);
    this.addGatewayResponses();
    this.keepExecutionLogs(props.atRestKey);
    // The default output would print the stage address even where it is switched off.
    this.api.node.tryRemoveChild('Endpoint');
    accept(this.api.node.findChild('Resource'), API_REASONS);
    accept(this.api.node.findChild('CloudWatchRole'), CLOUDWATCH_ROLE_REASONS);
    accept(this.api.deploymentStage, STAGE_REASONS);
  }

  /** Connects every route to its function, behind the authorizer where the route says so. Without a function there is no route. */
  route(functions: Pick<HouseFunctions, RoutedFunctionName>): void {
    const authorizer = new RequestAuthorizer(this, 'Authorizer', {
      handler: functions.authorizer,
      identitySources: [],
      resultsCacheTtl: Duration.seconds(0),
    });
    // No identity source at all, rather than the empty string that the construct renders.
    (authorizer.node.defaultChild as CfnAuthorizer).addPropertyDeletionOverride('IdentitySource');
    for (const route of ROUTES) {
      const fn = functions[route.function];
      if (fn !== undefined) this.addRoute(route, fn, authorizer);
    }
  }

  private addRoute(route: Route, fn: HouseFunction, authorizer: IAuthorizer): void {
    const streams = route.streams && this.config.endpoint.responseTransfer === 'stream';
    const integration = new LambdaIntegration(fn, {
      // The console's test button would reach the function past the authorizer.
      allowTestInvoke: false,
      responseTransferMode: streams ? ResponseTransferMode.STREAM : ResponseTransferMode.BUFFERED,
      timeout: ANSWER_WITHIN[streams ? 'stream' : 'buffered'],
    });
    const authorization = route.authorized
      ? { authorizationType: AuthorizationType.CUSTOM, authorizer }
      : { authorizationType: AuthorizationType.NONE };
    const method = this.api.root.resourceForPath(route.path).addMethod(route.method, integration, authorization);
    accept(method, route.authorized ? METHOD_REASONS : { ...METHOD_REASONS, ...OPEN_METHOD_REASONS });
  }

  /** API Gateway would make this group itself, without a key and for ever. */
  private keepExecutionLogs(atRestKey: AtRestKey): void {
    const logGroup = new LogGroup(this, 'ExecutionLogs', {
      logGroupName: `API-Gateway-Execution-Logs_${this.api.restApiId}/${this.config.endpoint.stageName}`,
      encryptionKey: atRestKey,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.api.deploymentStage.node.addDependency(logGroup);
  }

  private addGatewayResponses(): void {
    for (const response of gatewayResponses(this.config.identity.announcedScopes)) {
      this.api.addGatewayResponse(response.type, {
        type: ResponseType.of(response.type),
        statusCode: response.statusCode,
        responseHeaders: { ...response.headers },
        templates: { 'application/json': response.body },
      });
    }
  }

  private addDomain(domain: NonNullable<GatewayConfig['endpoint']['customDomain']>): string {
    // No base path: RFC 9728 puts /.well-known/ at the root of the host.
    const domainName = this.api.addDomainName('Domain', {
      domainName: domain.domainName,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    return domainName.domainNameAliasDomainName;
  }
}

const accessLogGroup = (scope: Construct, encryptionKey: AtRestKey): LogGroup =>
  new LogGroup(scope, 'AccessLogs', {
    encryptionKey,
    // The ledger is reconciled with it.
    retention: RetentionDays.TWO_YEARS,
    removalPolicy: RemovalPolicy.RETAIN,
  });

const stageOptions = ({ config }: EndpointProps, accessLogs: LogGroup): StageOptions => ({
  stageName: config.endpoint.stageName,
  accessLogDestination: new LogGroupLogDestination(accessLogs),
  accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
  // Errors only and never the data: at INFO, or with the data trace, headers and bodies would reach the log.
  loggingLevel: MethodLoggingLevel.ERROR,
  dataTraceEnabled: false,
  metricsEnabled: true,
  tracingEnabled: true,
  throttlingRateLimit: config.endpoint.throttle.rate,
  throttlingBurstLimit: config.endpoint.throttle.burst,
});

const NO_WAF =
  'The bank attaches its own web ACL to the stage (AWS Firewall Manager does so by policy). Until then: stage throttle, size limit, an authorizer on every MCP route, and JSON-RPC parsed strictly in lambdas/core. Rule groups that look for SQL or HTML in bodies refuse legitimate tool arguments.';

const API_REASONS = {
  'AwsSolutions-APIG2':
    'A request that API Gateway refuses by itself leaves no ledger entry. lambdas/core parses each message strictly and records every refusal.',
};

const CLOUDWATCH_ROLE_REASONS = {
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
    'The account-wide role of API Gateway itself, assumable by that service only; AWS names this policy for it.',
};

const STAGE_REASONS = {
  'AwsSolutions-APIG3': NO_WAF,
  'NIST.800.53.R5-APIGWAssociatedWithWAF': NO_WAF,
  'NIST.800.53.R5-APIGWCacheEnabledAndEncrypted':
    'No cache: each answer depends on the principal and each call must reach the ledger, so a cached answer would be wrong and unrecorded.',
  'NIST.800.53.R5-APIGWSSLEnabled':
    'A client certificate authenticates API Gateway to HTTP backends. All integrations are Lambda, invoked by SigV4 and allowed by a resource policy per method.',
};

const METHOD_REASONS = {
  'AwsSolutions-COG4':
    'OAuth 2.1 access tokens of the issuer the bank runs: lambdas/authorizer verifies signature, issuer, audience, client, scope and expiry, and records refusals, which a Cognito authorizer cannot.',
};

const OPEN_METHOD_REASONS = {
  'AwsSolutions-APIG4':
    'RFC 9728 metadata must be readable before sign-in. It holds the issuer and scopes only; the function has no permission to any data (test/infra/permissions.test.ts).',
};
