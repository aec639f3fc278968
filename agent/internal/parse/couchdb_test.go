package parse

import "testing"

func TestCouchdb(t *testing.T) { testCases(t, "couchdb", couchdbCases) }

func FuzzCouchdb(f *testing.F) { fuzzParser(f, "couchdb", couchdbCases) }

var couchdbCases = []lineCase{
	{
		`[notice] 2025-10-07T09:00:00.579985Z nonode@nohost <0.17607.12> e1fed412f8 db.example.org 203.0.113.5 undefined GET /_all_dbs?limit=1 401 ok 1`,
		"web couchdb 2025-10-07T09:00:00.579985Z", `event.category=web; event.action=http_request; event.outcome=failure; log.level=notice; source.ip=203.0.113.5; http.request.method=GET; url.original=/_all_dbs?limit=1; url.path=/_all_dbs; url.query=limit=1; http.response.status_code=401`,
	},
	{
		`[notice] 2025-10-07T09:00:00.579985Z nonode@nohost <0.17607.12> e1fed412f8 db.example.org 203.0.113.5 admin PUT /db 201 ok 12`,
		"web couchdb 2025-10-07T09:00:00.579985Z", `event.category=web; event.action=http_request; event.outcome=success; log.level=notice; source.ip=203.0.113.5; user.name=admin; http.request.method=PUT; url.original=/db; url.path=/db; http.response.status_code=201`,
	},
	{
		`[info] 2025-10-07T09:00:00.579985Z nonode@nohost <0.9.0> -------- Application couch started on node nonode@nohost`,
		"system plain", ``,
	},
}
