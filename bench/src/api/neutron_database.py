"""Makes Neutron's tables in an SQLite file, and fills them with ports.

neutron_database.py create URL
neutron_database.py fill URL COUNT    so many ports, those that are there among them: the others are copies of them
"""

import ipaddress
import sys
import uuid

import sqlalchemy
from neutron.db.migration.models import head

DEVICES = 500

action, url = sys.argv[1:3]
engine = sqlalchemy.create_engine(url)
tables = head.get_metadata().tables


def create():
    # Neutron's own migrations alter constraints, which SQLite can't.
    head.get_metadata().create_all(engine)
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("PRAGMA journal_mode = WAL"))


def fill(count):
    ports, allocations = tables["ports"], tables["ipallocations"]
    # What belongs to a port: each table with a column port_id that has a row for the first one.
    beside = [table for table in tables.values() if "port_id" in table.c and table.name != "ipallocations"]
    with engine.begin() as connection:

        def rows(table, column, value):
            return [dict(row._mapping) for row in connection.execute(table.select().where(column == value))]

        originals = [dict(row._mapping) for row in connection.execute(ports.select())]
        attributes = {each["id"]: rows(tables["standardattributes"], tables["standardattributes"].c.id, each["standard_attr_id"])[0] for each in originals}
        addresses = {each["id"]: rows(allocations, allocations.c.port_id, each["id"])[0] for each in originals}
        details = {each["id"]: [(table, row) for table in beside for row in rows(table, table.c.port_id, each["id"])] for each in originals}
        ipam_subnets = {row.neutron_subnet_id: row.id for row in connection.execute(tables["ipamsubnets"].select())}
        for number in range(len(originals), count):
            original = originals[number % len(originals)]
            attribute = {**attributes[original["id"]]}
            del attribute["id"]
            inserted = connection.execute(tables["standardattributes"].insert().values(attribute))
            port = {
                **original,
                "id": str(uuid.uuid4()),
                "name": f"port-{number}",
                "device_id": f"device-{number % DEVICES}",
                "mac_address": "02:" + ":".join(f"{byte:02x}" for byte in number.to_bytes(5, "big")),
                "standard_attr_id": inserted.inserted_primary_key[0],
            }
            connection.execute(ports.insert().values(port))
            address = addresses[original["id"]]
            moved = str(ipaddress.ip_address(address["ip_address"]) + number // len(originals))
            connection.execute(allocations.insert().values({**address, "port_id": port["id"], "ip_address": moved}))
            ipam = {"ip_address": moved, "status": "ALLOCATED", "ipam_subnet_id": ipam_subnets[address["subnet_id"]]}
            connection.execute(tables["ipamallocations"].insert().values(ipam))
            for table, row in details[original["id"]]:
                connection.execute(table.insert().values({**row, "port_id": port["id"]}))


if action == "create":
    create()
else:
    fill(int(sys.argv[3]))
