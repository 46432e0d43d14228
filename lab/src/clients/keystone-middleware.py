"""What a service of OpenStack makes of a token: prints its answer's status and what its middleware tells it of the caller."""

import json
import os
from wsgiref.util import setup_testing_defaults

from keystonemiddleware import auth_token


def service(environ, start_response):
    start_response("200 OK", [])
    told = {name[7:].lower(): environ.get(name) for name in ("HTTP_X_USER_NAME", "HTTP_X_PROJECT_NAME", "HTTP_X_ROLES")}
    return [json.dumps(told).encode()]


guarded = auth_token.AuthProtocol(
    service,
    {
        "auth_type": "password",
        "auth_url": os.environ["AUTH_URL"],
        "www_authenticate_uri": os.environ["AUTH_URL"],
        "username": os.environ["USERNAME"],
        "password": os.environ["PASSWORD"],
        "project_name": "admin",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
        "token_cache_time": -1,
    },
)

environ = {"HTTP_X_AUTH_TOKEN": os.environ["TOKEN"]}
setup_testing_defaults(environ)
statuses = []
body = b"".join(guarded(environ, lambda status, headers, *_: statuses.append(status)))
caller = json.loads(body) if statuses == ["200 OK"] else None
print(json.dumps({"status": int(statuses[0].split()[0]), "caller": caller}))
