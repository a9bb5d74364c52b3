-- A catalog as the first program left it (sqlite3 .dump): the data source Shops after six loads, one more load
-- that waits, and four downloads: two completed, two pending, of each pair the second of a version that is gone.
BEGIN TRANSACTION;
CREATE TABLE accounts (
	id VARCHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	limits JSON NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (id), 
	CONSTRAINT uq_accounts_name UNIQUE (name)
);
INSERT INTO "accounts" VALUES('00000000000000000000000000000001','acme','{"jobs_in_process": 100, "jobs_per_day": null, "data_sources": null, "entities": 5000000, "upload_bytes": 4294967296, "shapes_per_file": 5000000, "points_per_shape": 100000, "query_points": 10000}',1772366400000000);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE data_sources (
	id VARCHAR(32) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	name VARCHAR(50) NOT NULL, 
	lower_name VARCHAR(50) NOT NULL, 
	access_id VARCHAR(32) NOT NULL, 
	master_key_id VARCHAR(32), 
	query_key_id VARCHAR(32), 
	is_public BOOLEAN NOT NULL, 
	is_reserved BOOLEAN NOT NULL, 
	description TEXT, 
	created_at BIGINT NOT NULL, 
	published_version_id VARCHAR(32), 
	staged_version_id VARCHAR(32), 
	CONSTRAINT pk_data_sources PRIMARY KEY (id), 
	CONSTRAINT uq_data_sources_access_id UNIQUE (access_id), 
	CONSTRAINT uq_data_sources_account_id_lower_name UNIQUE (account_id, lower_name), 
	CONSTRAINT uq_data_sources_published_version_id UNIQUE (published_version_id), 
	CONSTRAINT uq_data_sources_staged_version_id UNIQUE (staged_version_id), 
	CONSTRAINT fk_data_sources_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id), 
	CONSTRAINT fk_data_sources_master_key_id_keys FOREIGN KEY(master_key_id) REFERENCES keys (id), 
	CONSTRAINT fk_data_sources_query_key_id_keys FOREIGN KEY(query_key_id) REFERENCES keys (id), 
	CONSTRAINT fk_data_sources_published_version_id_versions FOREIGN KEY(published_version_id) REFERENCES versions (job_id), 
	CONSTRAINT fk_data_sources_staged_version_id_versions FOREIGN KEY(staged_version_id) REFERENCES versions (job_id)
);
INSERT INTO "data_sources" VALUES('00000000000000000000000000000006','00000000000000000000000000000001','Reserved','reserved','00000000000000000000000000000007',NULL,NULL,0,1,NULL,1772366400000000,NULL,NULL);
INSERT INTO "data_sources" VALUES('00000000000000000000000000000009','00000000000000000000000000000001','Shops','shops','0000000000000000000000000000000a','00000000000000000000000000000002','00000000000000000000000000000004',1,0,'Ours',1772366400000000,'00000000000000000000000000000017',NULL);
CREATE TABLE jobs (
	number INTEGER NOT NULL, 
	id VARCHAR(32) NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	data_source_id VARCHAR(32) NOT NULL, 
	master_key_id VARCHAR(32) NOT NULL, 
	data_source_name VARCHAR(50) NOT NULL, 
	data_source_lower_name VARCHAR(50) NOT NULL, 
	access_id VARCHAR(32) NOT NULL, 
	"order" JSON NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	created_at BIGINT NOT NULL, 
	completed_at BIGINT, 
	description TEXT, 
	total_count BIGINT NOT NULL, 
	processed_count BIGINT NOT NULL, 
	failed_count BIGINT NOT NULL, 
	error_message TEXT, 
	attempt INTEGER NOT NULL, 
	output TEXT, 
	error_log TEXT, 
	worker TEXT, 
	leased_until BIGINT, 
	lost_leases INTEGER NOT NULL, 
	CONSTRAINT pk_jobs PRIMARY KEY (number), 
	CONSTRAINT uq_jobs_id UNIQUE (id), 
	CONSTRAINT fk_jobs_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
);
INSERT INTO "jobs" VALUES(1,'00000000000000000000000000000008','load','00000000000000000000000000000001','00000000000000000000000000000009','00000000000000000000000000000002','Shops','shops','0000000000000000000000000000000a','{"load": {"operation": "complete", "input": "csv", "upload": "uploads/00000000000000000000000000000008", "set_public": true, "query_key_id": "00000000000000000000000000000004"}}','Completed',1772366400000000,1772366400000000,'Ours',5,5,2,NULL,1,NULL,'logs/00000000000000000000000000000008',NULL,NULL,0);
INSERT INTO "jobs" VALUES(2,'0000000000000000000000000000000b','load','00000000000000000000000000000001','00000000000000000000000000000009','00000000000000000000000000000002','Shops','shops','0000000000000000000000000000000a','{"load": {"operation": "complete", "input": "csv", "upload": "uploads/0000000000000000000000000000000b", "set_public": true, "query_key_id": "00000000000000000000000000000004"}}','Completed',1772366400000000,1772366400000000,'Ours',5,5,2,NULL,1,NULL,'logs/0000000000000000000000000000000b',NULL,NULL,0);
INSERT INTO "jobs" VALUES(3,'0000000000000000000000000000000e','load','00000000000000000000000000000001','00000000000000000000000000000009','00000000000000000000000000000002','Shops','shops','0000000000000000000000000000000a','{"load": {"operation": "complete", "input": "csv", "upload": "uploads/0000000000000000000000000000000e", "set_public": true, "query_key_id": "00000000000000000000000000000004"}}','Completed',1772366400000000,1772366400000000,'Ours',5,5,2,NULL,1,NULL,'logs/0000000000000000000000000000000e',NULL,NULL,0);
INSERT INTO "jobs" VALUES(4,'00000000000000000000000000000011','load','00000000000000000000000000000001','00000000000000000000000000000009','00000000000000000000000000000002','Shops','shops','0000000000000000000000000000000a','{"load": {"operation": "complete", "input": "csv", "upload": "uploads/00000000000000000000000000000011", "set_public": true, "query_key_id": "00000000000000000000000000000004"}}','Completed',1772366400000000,1772366400000000,'Ours',5,5,2,NULL,1,NULL,'logs/00000000000000000000000000000011',NULL,NULL,0);
INSERT INTO "jobs" VALUES(5,'00000000000000000000000000000014','load','00000000000000000000000000000001','00000000000000000000000000000009','00000000000000000000000000000002','Shops','shops','0000000000000000000000000000000a','{"load": {"operation": "complete", "input": "csv", "upload": "uploads/00000000000000000000000000000014", "set_public": true, "query_key_id": "00000000000000000000000000000004"}}','Completed',1772366400000000,1772366400000000,'Ours',5,5,2,NULL,1,NULL,'logs/00000000000000000000000000000014',NULL,NULL,0);
INSERT INTO "jobs" VALUES(6,'00000000000000000000000000000017','load','00000000000000000000000000000001','00000000000000000000000000000009','00000000000000000000000000000002','Shops','shops','0000000000000000000000000000000a','{"load": {"operation": "complete", "input": "csv", "upload": "uploads/00000000000000000000000000000017", "set_public": true, "query_key_id": "00000000000000000000000000000004"}}','Completed',1772366400000000,1772366400000000,'Ours',5,5,2,NULL,1,NULL,'logs/00000000000000000000000000000017',NULL,NULL,0);
INSERT INTO "jobs" VALUES(7,'0000000000000000000000000000001a','download','00000000000000000000000000000001','00000000000000000000000000000009','00000000000000000000000000000002','Shops','shops','0000000000000000000000000000000a','{"download": {"version_id": "00000000000000000000000000000017"}}','Completed',1772366400000000,1772366400000000,NULL,5,5,2,NULL,1,'downloads/0000000000000000000000000000001a',NULL,NULL,NULL,0);
INSERT INTO "jobs" VALUES(8,'0000000000000000000000000000001b','download','00000000000000000000000000000001','00000000000000000000000000000009','00000000000000000000000000000002','Shops','shops','0000000000000000000000000000000a','{"download": {"version_id": "00000000000000000000000000000008"}}','Completed',1772366400000000,1772366400000000,NULL,5,5,2,NULL,1,'downloads/0000000000000000000000000000001b',NULL,NULL,NULL,0);
INSERT INTO "jobs" VALUES(9,'0000000000000000000000000000001c','download','00000000000000000000000000000001','00000000000000000000000000000009','00000000000000000000000000000002','Shops','shops','0000000000000000000000000000000a','{"download": {"version_id": "00000000000000000000000000000014"}}','Pending',1772366400000000,NULL,NULL,0,0,0,NULL,0,NULL,NULL,NULL,NULL,0);
INSERT INTO "jobs" VALUES(10,'0000000000000000000000000000001d','download','00000000000000000000000000000001','00000000000000000000000000000009','00000000000000000000000000000002','Shops','shops','0000000000000000000000000000000a','{"download": {"version_id": "0000000000000000000000000000000b"}}','Pending',1772366400000000,NULL,NULL,0,0,0,NULL,0,NULL,NULL,NULL,NULL,0);
INSERT INTO "jobs" VALUES(11,'0000000000000000000000000000001e','load','00000000000000000000000000000001','00000000000000000000000000000009','00000000000000000000000000000002','Shops','shops','0000000000000000000000000000000a','{"load": {"operation": "complete", "input": "csv", "upload": "uploads/0000000000000000000000000000001e", "set_public": null, "query_key_id": null}}','Pending',1772366400000000,NULL,NULL,0,0,0,NULL,0,NULL,NULL,NULL,NULL,0);
CREATE TABLE keys (
	number INTEGER NOT NULL, 
	id VARCHAR(32) NOT NULL, 
	account_id VARCHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	revoked_at BIGINT, 
	CONSTRAINT pk_keys PRIMARY KEY (number), 
	CONSTRAINT uq_keys_id UNIQUE (id), 
	CONSTRAINT uq_keys_digest UNIQUE (digest), 
	CONSTRAINT uq_keys_account_id_name UNIQUE (account_id, name), 
	CONSTRAINT fk_keys_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
);
INSERT INTO "keys" VALUES(1,'00000000000000000000000000000002','00000000000000000000000000000001','master','19d8d35c06ab2cb2ae937b5b8dd4c8570a15280b813e6f0c534b258c9954c7c6',1772366400000000,NULL,NULL);
INSERT INTO "keys" VALUES(2,'00000000000000000000000000000004','00000000000000000000000000000001','query','2dc3b97b1e90788f360b3e5ad8dda3b159ff696d7f313bcd8eb019f597793358',1772366400000000,NULL,NULL);
CREATE TABLE versions (
	number INTEGER NOT NULL, 
	job_id VARCHAR(32) NOT NULL, 
	data_source_id VARCHAR(32) NOT NULL, 
	snapshot_id TEXT NOT NULL, 
	entity_type TEXT NOT NULL, 
	entity_count BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_versions PRIMARY KEY (number), 
	CONSTRAINT uq_versions_job_id UNIQUE (job_id), 
	CONSTRAINT uq_versions_snapshot_id UNIQUE (snapshot_id)
);
INSERT INTO "versions" VALUES(3,'0000000000000000000000000000000e','00000000000000000000000000000009','0000000000000000000000000000000e-1','{"name":"Shops","key":"EntityID","properties":[{"name":"EntityID","type":"Edm.String"},{"name":"Latitude","type":"Edm.Double"},{"name":"Longitude","type":"Edm.Double"},{"name":"Opened","type":"Edm.DateTime"}]}',3,1772366400000000);
INSERT INTO "versions" VALUES(4,'00000000000000000000000000000011','00000000000000000000000000000009','00000000000000000000000000000011-1','{"name":"Shops","key":"EntityID","properties":[{"name":"EntityID","type":"Edm.String"},{"name":"Latitude","type":"Edm.Double"},{"name":"Longitude","type":"Edm.Double"},{"name":"Opened","type":"Edm.DateTime"}]}',3,1772366400000000);
INSERT INTO "versions" VALUES(5,'00000000000000000000000000000014','00000000000000000000000000000009','00000000000000000000000000000014-1','{"name":"Shops","key":"EntityID","properties":[{"name":"EntityID","type":"Edm.String"},{"name":"Latitude","type":"Edm.Double"},{"name":"Longitude","type":"Edm.Double"},{"name":"Opened","type":"Edm.DateTime"}]}',3,1772366400000000);
INSERT INTO "versions" VALUES(6,'00000000000000000000000000000017','00000000000000000000000000000009','00000000000000000000000000000017-1','{"name":"Shops","key":"EntityID","properties":[{"name":"EntityID","type":"Edm.String"},{"name":"Latitude","type":"Edm.Double"},{"name":"Longitude","type":"Edm.Double"},{"name":"Opened","type":"Edm.DateTime"}]}',3,1772366400000000);
CREATE INDEX ix_versions_data_source_id_number ON versions (data_source_id, number);
CREATE INDEX ix_data_sources_master_key_id ON data_sources (master_key_id);
CREATE INDEX ix_data_sources_query_key_id ON data_sources (query_key_id);
CREATE INDEX ix_jobs_status_number ON jobs (status, number);
CREATE INDEX ix_jobs_data_source_id_status_number ON jobs (data_source_id, status, number);
CREATE INDEX ix_jobs_account_id_created_at ON jobs (account_id, created_at);
CREATE INDEX ix_jobs_account_id_kind_data_source_lower_name_number ON jobs (account_id, kind, data_source_lower_name, number);
CREATE INDEX ix_jobs_with_files ON jobs (completed_at) WHERE output IS NOT NULL OR error_log IS NOT NULL;
COMMIT;
