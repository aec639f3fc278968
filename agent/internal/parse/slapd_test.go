package parse

import "testing"

func TestSlapd(t *testing.T) { testCases(t, "slapd", slapdCases) }

func FuzzSlapd(f *testing.F) { fuzzParser(f, "slapd", slapdCases) }

var slapdCases = []lineCase{
	{
		`conn=1022 fd=21 ACCEPT from IP=203.0.113.9:50422 (IP=0.0.0.0:389)`,
		"system slapd", `event.category=network; event.action=ldap_connection; event.outcome=unknown; source.ip=203.0.113.9; source.port=50422`,
	},
	{
		`conn=1022 fd=21 ACCEPT from IP=[2001:db8::9]:50422 (IP=[::]:389)`,
		"system slapd", `event.category=network; event.action=ldap_connection; event.outcome=unknown; source.ip=2001:db8::9; source.port=50422`,
	},
	{
		`conn=1022 fd=21 ACCEPT from PATH=/run/slapd/ldapi (PATH=/run/slapd/ldapi)`,
		"system slapd", `event.category=network; event.action=ldap_connection; event.outcome=unknown`,
	},
	{
		`conn=1022 op=0 BIND dn="cn=admin,dc=example,dc=org" method=128`,
		"auth slapd", `event.category=authentication; event.action=ldap_bind_request; event.outcome=unknown; user.name=cn=admin,dc=example,dc=org`,
	},
	{
		`conn=1022 op=0 BIND dn="cn=admin,dc=example,dc=org" mech=SIMPLE bind_ssf=0 ssf=256`,
		"auth slapd", `event.category=authentication; event.action=ldap_bind_accepted; event.outcome=success; user.name=cn=admin,dc=example,dc=org`,
	},
	{
		`conn=1022 op=0 RESULT tag=97 err=0 qtime=0.000010 etime=0.000200 text=`,
		"auth slapd", `event.category=authentication; event.action=ldap_bind; event.outcome=success; error.code=0`,
	},
	{
		`conn=1022 op=0 RESULT tag=97 err=49 text=`,
		"auth slapd", `event.category=authentication; event.action=ldap_bind; event.outcome=failure; error.code=49`,
	},
	{
		`conn=1022 op=0 RESULT tag=97 err=53 text=unauthenticated bind (DN with no password) disallowed`,
		"auth slapd", `event.category=authentication; event.action=ldap_bind; event.outcome=failure; error.code=53; event.reason=unauthenticated bind (DN with no password) disallowed`,
	},
	{
		`conn=1022 op=0 RESULT tag=97 err=14 text=SASL(0): successful result:`,
		"auth slapd", `event.category=authentication; event.action=ldap_bind_request; event.outcome=unknown; error.code=14; event.reason=SASL(0): successful result:`,
	},
	{
		`conn=1022 op=1 PASSMOD id="uid=bob,dc=example,dc=org" old new`,
		"auth slapd", `event.category=iam; event.action=password_change_requested; event.outcome=unknown; user.target.name=uid=bob,dc=example,dc=org`,
	},
	{
		`conn=1022 fd=21 closed (connection lost)`,
		"system slapd", `event.category=network; event.action=ldap_disconnect; event.outcome=unknown`,
	},
	{
		`conn=1022 fd=21 closed`,
		"system slapd", `event.category=network; event.action=ldap_disconnect; event.outcome=unknown`,
	},
	{
		`fd=21 DENIED from unknown (203.0.113.9)`,
		"system slapd", `event.category=network; event.action=ldap_connection_refused; event.outcome=failure; source.ip=203.0.113.9`,
	},
	{
		`conn=1022 fd=21 TLS established tls_ssf=256 ssf=256`,
		"system slapd", `event.category=network; event.action=ldap_tls_established; event.outcome=success`,
	},
	{
		`conn=1022 op=1 SRCH base="dc=example,dc=org" scope=2 deref=0 filter="(uid=bob)"`,
		"system slapd", `event.category=network; event.action=ldap_request; event.outcome=unknown; event.reason=SRCH`,
	},
	{
		`slapd starting`,
		"system slapd", `event.category=process; event.action=service_started; event.outcome=success`,
	},
	{
		`slapd stopped.`,
		"system slapd", `event.category=process; event.action=service_stopped; event.outcome=unknown`,
	},
	{
		`conn=1022 op=2 UNBIND`,
		"system slapd", `event.category=network; event.action=ldap_unbind; event.outcome=unknown`,
	},
	{
		`conn=1022 op=1 SEARCH RESULT tag=101 err=32 nentries=0 text=`,
		"system slapd", `event.category=network; event.action=ldap_result; event.outcome=failure; error.code=32`,
	},
	{
		`conn=1022 op=2 RESULT tag=111 err=6 text=`,
		"system slapd", `event.category=network; event.action=ldap_result; event.outcome=success; error.code=6`,
	},
	{
		`conn=1022 op=0 BIND dn="uid=bob,ou=people,dc=example,dc=org" method=128`,
		"auth slapd", `event.category=authentication; event.action=ldap_bind_request; event.outcome=unknown; user.name=bob`,
	},
	{
		`conn=11 op=0 RESULT oid= err=0 text=`,
		"system slapd", `event.category=network; event.action=ldap_result; event.outcome=success; error.code=0`,
	},
	{
		`conn=11 op=0 RESULT oid=1.3.6.1.4.1.4203.1.11.3 err=50 qtime=0.000010 etime=0.000120 text=`,
		"system slapd", `event.category=network; event.action=ldap_result; event.outcome=failure; error.code=50`,
	},
	{
		`conn=11 op=0 BIND anonymous mech=implicit bind_ssf=0 ssf=0`,
		"system slapd", `event.category=network; event.action=ldap_request; event.outcome=unknown; event.reason=BIND`,
	},
	{
		`conn=11 op=1 BIND authcid="bob@EXAMPLE.ORG" authzid="bob@EXAMPLE.ORG"`,
		"auth slapd", `event.category=authentication; event.action=ldap_bind_accepted; event.outcome=success; user.name=bob@EXAMPLE.ORG`,
	},
	{
		`conn=11 op=1 BIND authcid="x" authzid="root" authzid="x"`,
		"auth slapd", `event.category=authentication; event.action=ldap_bind_accepted; event.outcome=success`,
	},
	{
		`conn=11 fd=12 TLS established tls_ssf=256 ssf=256 tls_proto=TLSv1.3 tls_cipher=TLS_AES_256_GCM_SHA384`,
		"system slapd", `event.category=network; event.action=ldap_tls_established; event.outcome=success`,
	},
	{
		`conn=11 op=1 DISCONNECT tag=120 err=2 etime=0.000010 text=controls require LDAPv3`,
		"system slapd", `event.category=network; event.action=ldap_disconnect; event.outcome=unknown; event.reason=controls require LDAPv3`,
	},
}
