"""Drives the Networking API with OpenStack's SDK; ends with 0 when every answer is what the SDK's users expect."""

import os

import openstack
from openstack import exceptions

network = openstack.connect(
    auth_type="http_basic",
    auth={
        "endpoint": os.environ["URL"],
        "username": os.environ["USERNAME"],
        "password": os.environ["PASSWORD"],
    },
).network


def refused(kind, work):
    """The error of a call that has to be refused."""
    try:
        work()
    except kind as error:
        return str(error)
    raise AssertionError(f"{work} was not refused")


def names(objects):
    return [each.name for each in objects]


blue = network.create_network(name="sdk-blue", mtu=1400, description="by the SDK", is_port_security_enabled=False)
assert (blue.mtu, blue.description, blue.is_port_security_enabled, blue.status) == (1400, "by the SDK", False, "ACTIVE")
assert blue.created_at.endswith("Z") and blue.revision_number > 0
assert network.find_network("sdk-blue").id == blue.id
assert network.find_network(blue.id).name == "sdk-blue"
assert network.find_network("nobody") is None

subnet = network.create_subnet(
    name="sdk-4",
    network_id=blue.id,
    ip_version=4,
    cidr="10.7.0.0/24",
    allocation_pools=[{"start": "10.7.0.10", "end": "10.7.0.19"}],
    dns_nameservers=["192.0.2.53"],
    host_routes=[{"destination": "10.9.0.0/16", "nexthop": "10.7.0.9"}],
)
assert (subnet.gateway_ip, subnet.is_dhcp_enabled) == ("10.7.0.1", True)
assert subnet.host_routes == [{"destination": "10.9.0.0/16", "nexthop": "10.7.0.9"}]
six = network.create_subnet(
    network_id=blue.id, ip_version=6, cidr="2001:db8:7::/64", ipv6_ra_mode="slaac", ipv6_address_mode="slaac"
)
assert network.update_subnet(subnet, name="sdk-four", is_dhcp_enabled=False).name == "sdk-four"

port = network.create_port(name="sdk-a", network_id=blue.id, dns_name="a")
assert port.mac_address.startswith("fa:16:3e:") and port.is_port_security_enabled is False
assert sorted(each["subnet_id"] for each in port.fixed_ips) == sorted([subnet.id, six.id])
assert "10.7.0.10" in [each["ip_address"] for each in port.fixed_ips]
wanted = [{"name": "sdk-b", "network_id": blue.id}, {"name": "sdk-c", "network_id": blue.id, "admin_state_up": False}]
more = list(network.create_ports(wanted))
assert names(more) == ["sdk-b", "sdk-c"]
assert sorted(names(network.ports(network_id=blue.id))) == ["sdk-a", "sdk-b", "sdk-c"]
assert names(network.ports(network_id=blue.id, is_admin_state_up=False)) == ["sdk-c"]
assert names(network.ports(fixed_ips=f"ip_address={port.fixed_ips[0]['ip_address']}")) == ["sdk-a"]
assert sorted(names(network.ports(network_id=blue.id, limit=2))) == ["sdk-a", "sdk-b", "sdk-c"], "pages are followed"

pair = {"ip_address": "10.7.0.200", "mac_address": "02:00:00:00:00:01"}
changed = network.update_port(port, port_security_enabled=True, allowed_address_pairs=[pair])
assert changed.allowed_address_pairs == [pair]
network.set_tags(changed, ["red", "blue"])
assert network.get_port(port.id).tags == ["blue", "red"]
assert names(network.ports(tags="red,blue")) == ["sdk-a"]

taken = changed.mac_address
assert "is in use" in refused(
    exceptions.ConflictException, lambda: network.create_port(network_id=blue.id, mac_address=taken)
)
refused(exceptions.NotFoundException, lambda: network.get_port("00000000-0000-4000-8000-000000000001"))
assert network.get("/networks?nome=x").status_code == 400
refused(
    exceptions.PreconditionFailedException,
    lambda: network.update_network(blue.id, if_revision=0, name="stale"),
)
assert "in use by port" in refused(exceptions.ConflictException, lambda: network.delete_network(blue, ignore_missing=False))

assert sorted(each.host for each in network.agents(is_alive=True)) == ["host-0", "host-1"]
assert network.get_network_ip_availability(blue.id).used_ips == 6
aliases = [each.alias for each in network.extensions()]
assert "port-security" in aliases and "router" not in aliases
assert network.find_extension("provider") is not None

scope = network.create_address_scope(name="sdk-scope", ip_version=4)
pool = network.create_subnet_pool(
    name="sdk-pool", prefixes=["10.128.0.0/16"], default_prefix_length=24, address_scope_id=scope.id
)
assert (pool.minimum_prefix_length, pool.maximum_prefix_length, pool.ip_version) == (8, 32, 4)
green = network.create_network(name="sdk-green")
taken = network.create_subnet(network_id=green.id, ip_version=4, subnet_pool_id=pool.id)
assert (taken.cidr, taken.subnet_pool_id) == ("10.128.0.0/24", pool.id)
assert network.get_network(green.id).ipv4_address_scope_id == scope.id
refused(exceptions.ConflictException, lambda: network.delete_subnet_pool(pool, ignore_missing=False))
network.delete_network(green, ignore_missing=False)
assert network.update_subnet_pool(pool, name="sdk-renamed").name == "sdk-renamed"
assert network.find_subnet_pool("sdk-renamed").id == pool.id
network.delete_subnet_pool(pool, ignore_missing=False)
network.delete_address_scope(scope, ignore_missing=False)

other = "0" * 31 + "b"
shared = network.create_rbac_policy(
    object_type="network", object_id=blue.id, action="access_as_shared", target_project_id=other
)
assert [each.target_project_id for each in network.rbac_policies(object_id=blue.id)] == [other]
network.delete_rbac_policy(shared, ignore_missing=False)

assert network.get_quota_default(other).networks == 100
assert network.update_quota(other, networks=1).networks == 1
assert network.get_quota(other, details=True).networks == {"limit": 1, "used": 0, "reserved": 0}
assert [each.project_id for each in network.quotas()] == [other]
theirs = network.create_network(name="sdk-theirs", project_id=other)
assert "Quota exceeded" in refused(exceptions.ConflictException, lambda: network.create_network(project_id=other))
network.delete_network(theirs, ignore_missing=False)
network.delete_quota(other)

for each in [port, *more]:
    network.delete_port(each, ignore_missing=False)
network.delete_subnet(subnet, ignore_missing=False)
network.delete_network(blue, ignore_missing=False)
assert network.find_network("sdk-blue") is None
