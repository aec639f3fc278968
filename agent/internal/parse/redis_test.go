package parse

import "testing"

func TestRedis(t *testing.T) { testCases(t, "redis", redisCases) }

func FuzzRedis(f *testing.F) { fuzzParser(f, "redis", redisCases) }

var redisCases = []lineCase{
	{
		`12:M 07 Oct 2025 09:00:00.123 # Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection from 203.0.113.9:56000 aborted.`,
		"system redis 2025-10-07T09:00:00.123Z", `event.category=network; event.action=db_protocol_error; event.outcome=failure; source.ip=203.0.113.9; source.port=56000; process.pid=12`,
	},
	{
		`12:M 07 Oct 09:00:00.123 # Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. Connection aborted.`,
		"system redis 2025-10-07T09:00:00.123Z", `event.category=network; event.action=db_protocol_error; event.outcome=failure; process.pid=12`,
	},
	{
		`12:M 07 Oct 2025 09:00:00.123 - Accepted 203.0.113.9:56000`,
		"system redis 2025-10-07T09:00:00.123Z", `event.category=network; event.action=db_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=56000; process.pid=12`,
	},
	{
		`12:M 07 Oct 2025 09:00:00.123 - Client closed connection id=5 addr=203.0.113.9:56000 laddr=198.51.100.1:6379 fd=8 name= age=3`,
		"system redis 2025-10-07T09:00:00.123Z", `event.category=network; event.action=db_disconnect; event.outcome=unknown; source.ip=203.0.113.9; source.port=56000; process.pid=12`,
	},
	{
		`12:S 07 Oct 2025 09:00:00.123 * REPLICAOF 192.0.2.20:6379 enabled (user request from 'id=5 addr=203.0.113.9:56000 laddr=198.51.100.1:6379 fd=8 name=')`,
		"auth redis 2025-10-07T09:00:00.123Z", `event.category=iam; event.action=db_replication_changed; event.outcome=unknown; source.ip=203.0.113.9; source.port=56000; process.pid=12`,
	},
	{
		`12:M 07 Oct 2025 09:00:00.123 * MASTER MODE enabled (user request from 'id=5 addr=[2001:db8::9]:56000 fd=8 name=')`,
		"auth redis 2025-10-07T09:00:00.123Z", `event.category=iam; event.action=db_replication_changed; event.outcome=unknown; source.ip=2001:db8::9; source.port=56000; process.pid=12`,
	},
	{
		`12:M 07 Oct 2025 09:00:00.123 * Replica 203.0.113.9:6379 asks for synchronization`,
		"system redis 2025-10-07T09:00:00.123Z", `event.category=network; event.action=db_replica_connected; event.outcome=unknown; source.ip=203.0.113.9; source.port=6379; process.pid=12`,
	},
	{
		`12:M 07 Oct 2025 09:00:00.123 * Module 'system' loaded from /tmp/exp.so`,
		"system redis 2025-10-07T09:00:00.123Z", `event.category=process; event.action=db_module_loaded; event.outcome=success; file.path=/tmp/exp.so; process.pid=12`,
	},
	{
		`12:M 07 Oct 2025 09:00:00.123 * Ready to accept connections`,
		"system redis 2025-10-07T09:00:00.123Z", `event.category=process; event.action=service_started; event.outcome=success; process.pid=12`,
	},
	{
		`12:signal-handler (1759827600) Received SIGTERM scheduling shutdown...`,
		"system plain", ``,
	},
	{
		`12:M 07 Oct 2025 09:00:00.123 # Redis is now ready to exit, bye bye...`,
		"system redis 2025-10-07T09:00:00.123Z", `event.category=process; event.action=service_stopped; event.outcome=unknown; process.pid=12`,
	},
	{
		`Ready to accept connections tcp`,
		"system redis", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`12:M 07 Oct 2025 09:00:00.123 * DB saved on disk`,
		"app redis 2025-10-07T09:00:00.123Z", `event.category=database; event.action=db_message; event.outcome=unknown; process.pid=12`,
	},
	{
		`12:M 07 Oct 2025 09:00:00.123 # Client id=5 addr=203.0.113.9:4000 laddr=198.51.100.1:6379 name=addr=198.51.100.66:1 scheduled to be closed ASAP for overcoming of output buffer limits.`,
		"system redis 2025-10-07T09:00:00.123Z", `event.category=network; event.action=db_disconnect; event.outcome=unknown; source.ip=203.0.113.9; source.port=4000; process.pid=12`,
	},
	{
		`12:M 07 Oct 2025 09:00:00.123 # Closing client that reached max query buffer length: id=5 addr=203.0.113.9:4000 name= (qbuf initial bytes: "x")`,
		"system redis 2025-10-07T09:00:00.123Z", `event.category=network; event.action=db_disconnect; event.outcome=unknown; source.ip=203.0.113.9; source.port=4000; process.pid=12`,
	},
}
