"""MiniStack, with what its API Gateway leaves out of a REST API put in.

It stores gateway responses and does not send them, hands an authorizer no requestContext.identity, does not know
UpdateTerminationProtection, and neither ends a Parallel state of which a branch has failed nor catches the failure. differences.ts names each correction and why the tests need it; everything else is
MiniStack's own: routing, the authorizer's policy, the integration's event, environment and handler lookup.
Internals of one pinned version are replaced, so any other version stops here.
"""

import contextvars
import json
import os
import signal
import sys
import threading
import uuid
from importlib.metadata import version

from ministack import app
from ministack.services import apigateway_v1 as gateway
from ministack.services import stepfunctions
from ministack.services.cloudformation import _ACTION_HANDLERS
from ministack.services.cloudformation.helpers import _p, _xml
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

PINNED = sys.argv.pop(1)
if version("ministack") != PINNED:
    raise SystemExit(f"This file is written for MiniStack {PINNED}, found {version('ministack')}")

request_id = contextvars.ContextVar("request_id")
authorizer_context = contextvars.ContextVar("authorizer_context")


class Refusal(tuple):
    """An answer that API Gateway gives without an integration, and its GatewayResponse type."""

    def __new__(cls, answer, kind):
        refusal = super().__new__(cls, answer)
        refusal.kind = kind
        return refusal


ERROR_TYPES = {
    (401, "Unauthorized"): "UNAUTHORIZED",
    (403, "Missing Authentication Token"): "MISSING_AUTHENTICATION_TOKEN",
    (500, "Internal server error"): "AUTHORIZER_FAILURE",
}

plain_error = gateway._gw_error
plain_deny = gateway._deny_error
plain_invoke_authorizer = gateway._invoke_authorizer_lambda
plain_event = gateway._build_lambda_event_v1
plain_execute = gateway._handle_execute_in_scope


def typed_error(status, message):
    return Refusal(plain_error(status, message), ERROR_TYPES.get((status, message), "DEFAULT_5XX"))


def typed_deny(explicit):
    return Refusal(plain_deny(explicit), "ACCESS_DENIED")


async def invoke_authorizer(authorizer, event, account_id, region):
    event["requestContext"]["requestId"] = request_id.get()
    event["requestContext"]["identity"] = {"sourceIp": "127.0.0.1"}
    result = await plain_invoke_authorizer(authorizer, event, account_id, region)
    body = (result or {}).get("body")
    authorizer_context.set(body.get("context") or {} if isinstance(body, dict) else {})
    return result


def lambda_event(*args, **kwargs):
    event = plain_event(*args, **kwargs)
    event["requestContext"]["requestId"] = request_id.get()
    event["requestContext"]["identity"]["sourceIp"] = "127.0.0.1"
    return event


async def execute(api_id, *args):
    request_id.set(str(uuid.uuid4()))
    authorizer_context.set({})
    answer = await plain_execute(api_id, *args)
    if isinstance(answer, Refusal):
        return gateway_response(api_id, answer.kind) or tuple(answer)
    status, headers, body = answer
    if status == 502 and "x-countersign-call" not in headers and body.startswith(b'{"message":'):
        return gateway_response(api_id, "DEFAULT_5XX") or answer
    # API Gateway keeps this name for itself.
    renamed = {("x-amzn-Remapped-" + k if k.lower() == "www-authenticate" else k): v for k, v in headers.items()}
    return status, renamed, body


def gateway_response(api_id, kind):
    custom = gateway._gateway_responses.get(api_id, {})
    default = "DEFAULT_5XX" if kind.endswith("5XX") or kind.startswith("AUTHORIZER") else "DEFAULT_4XX"
    response = custom.get(kind) or custom.get(default)
    if response is None:
        return None
    headers = {"Content-Type": "application/json"}
    for name, mapping in response["responseParameters"].items():
        headers[name.removeprefix("gatewayresponse.header.")] = header_value(mapping)
    body = response["responseTemplates"].get("application/json", "")
    return int(response["statusCode"]), headers, body.replace("$context.requestId", request_id.get()).encode()


def header_value(mapping):
    if mapping.startswith("'"):
        return mapping[1:-1]
    return str(authorizer_context.get().get(mapping.removeprefix("context.authorizer."), ""))


def update_termination_protection(params):
    result = f"<UpdateTerminationProtectionResult><StackId>{_p(params, 'StackName')}</StackId></UpdateTerminationProtectionResult>"
    return _xml(200, "UpdateTerminationProtectionResponse", result)


plain_alarm = _RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]["create"]


def create_alarm(logical_id, props, stack_name):
    return (name_only if props.get("Metrics") else plain_alarm)(logical_id, props, stack_name)


def name_only(logical_id, _props, _stack_name):
    """A resource that only watches: nothing here evaluates it."""
    return logical_id, {"Arn": f"arn:aws:cloudwatch:local:000000000000:{logical_id}"}


class Siblings:
    """The branches of one Parallel state: the first that fails stops the others."""

    def __init__(self):
        self.failed = threading.Event()
        self.error = None


siblings = contextvars.ContextVar("siblings", default=None)
plain_parallel = stepfunctions._execute_parallel
plain_branch = stepfunctions._run_sub_machine
plain_sleep = stepfunctions._scaled_sleep


def execute_parallel(state, raw_input, *args):
    branches = Siblings()
    token = siblings.set(branches)
    try:
        return plain_parallel(state, raw_input, *args)
    except stepfunctions._ExecutionError as last:
        return caught(state, raw_input, branches.error or last)
    finally:
        siblings.reset(token)


def caught(state, raw_input, error):
    catcher = stepfunctions._find_matching_catcher(state.get("Catch", []), error.error)
    if catcher is None:
        raise error
    output = {"Error": error.error, "Cause": error.cause}
    return stepfunctions._apply_result_path_raw(catcher.get("ResultPath", "$"), raw_input, output), catcher["Next"]


def run_branch(*args):
    branches = siblings.get()
    try:
        return plain_branch(*args)
    except stepfunctions._ExecutionError as error:
        if branches is not None and not branches.failed.is_set():
            branches.error = error
            branches.failed.set()
        raise


def sleep_in_branch(seconds):
    branches = siblings.get()
    if branches is None:
        plain_sleep(seconds)
    elif branches.failed.wait(max(0, seconds)):
        raise stepfunctions._ExecutionError("BranchStopped", "Another branch has failed")


gateway._gw_error = typed_error
gateway._deny_error = typed_deny
gateway._invoke_authorizer_lambda = invoke_authorizer
gateway._build_lambda_event_v1 = lambda_event
gateway._handle_execute_in_scope = execute
stepfunctions._execute_parallel = execute_parallel
stepfunctions._run_sub_machine = run_branch
stepfunctions._scaled_sleep = sleep_in_branch
_RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]["create"] = create_alarm
_RESOURCE_HANDLERS["AWS::Logs::MetricFilter"] = {"create": name_only, "delete": lambda *_: None}
_ACTION_HANDLERS["UpdateTerminationProtection"] = update_termination_protection


def end_with_parent():
    """Standard input closes when whoever started us is gone, however it went: take the functions along."""
    while os.read(0, 1024):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


threading.Thread(target=end_with_parent, daemon=True).start()
app.main()
