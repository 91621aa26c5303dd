-- Version 1 of what a cluster of agents keeps in its database. Released versions are never changed: what comes later is a file of its
-- own. The tables quartz_… are those of Quartz 2.5's job store (tables_postgres.sql, without its DROP TABLE lines).

-- The agents of the cluster, and when they were last heard of, by this server's clock.
CREATE TABLE watchkeeper.cluster_agents
(
  agent          text        PRIMARY KEY,
  host           text        NOT NULL,
  version        text        NOT NULL,
  seen_at        timestamptz NOT NULL,
  clock_ahead_ms bigint      NOT NULL
);

-- Up to when each runbook's fire times were dealt with, and whether it is paused for the whole cluster.
CREATE TABLE watchkeeper.cluster_schedules
(
  runbook        text        PRIMARY KEY,
  last_fire_time timestamptz NOT NULL,
  paused         boolean     NOT NULL DEFAULT false
);

-- Every due run once: the primary key is the fence that lets one agent through.
CREATE TABLE watchkeeper.cluster_runs
(
  runbook       text        NOT NULL,
  fire_time     timestamptz NOT NULL,
  trigger       text        NOT NULL,
  state         text        NOT NULL,
  attempts      integer     NOT NULL DEFAULT 0,
  agent         text        NULL,
  host          text        NULL,
  run_id        text        NULL,
  started_at    timestamptz NULL,
  ended_at      timestamptz NULL,
  message       text        NULL,
  cancel_reason text        NULL,
  -- The agent whose run was in the way of this one that was skipped; should that agent be dead, this one is made up.
  blocked_by    text        NULL,
  PRIMARY KEY (runbook, fire_time)
);
CREATE INDEX cluster_runs_open
  ON watchkeeper.cluster_runs (state) WHERE state IN ('due', 'running', 'interrupted');
CREATE INDEX cluster_runs_newest
  ON watchkeeper.cluster_runs (fire_time DESC);

CREATE TABLE watchkeeper.quartz_job_details
(
  sched_name        VARCHAR(120) NOT NULL,
  job_name          VARCHAR(200) NOT NULL,
  job_group         VARCHAR(200) NOT NULL,
  description       VARCHAR(250) NULL,
  job_class_name    VARCHAR(250) NOT NULL,
  is_durable        BOOL         NOT NULL,
  is_nonconcurrent  BOOL         NOT NULL,
  is_update_data    BOOL         NOT NULL,
  requests_recovery BOOL         NOT NULL,
  job_data          BYTEA        NULL,
  PRIMARY KEY (sched_name, job_name, job_group)
);

CREATE TABLE watchkeeper.quartz_triggers
(
  sched_name     VARCHAR(120) NOT NULL,
  trigger_name   VARCHAR(200) NOT NULL,
  trigger_group  VARCHAR(200) NOT NULL,
  job_name       VARCHAR(200) NOT NULL,
  job_group      VARCHAR(200) NOT NULL,
  description    VARCHAR(250) NULL,
  next_fire_time BIGINT       NULL,
  prev_fire_time BIGINT       NULL,
  priority       INTEGER      NULL,
  trigger_state  VARCHAR(16)  NOT NULL,
  trigger_type   VARCHAR(8)   NOT NULL,
  start_time     BIGINT       NOT NULL,
  end_time       BIGINT       NULL,
  calendar_name  VARCHAR(200) NULL,
  misfire_instr  SMALLINT     NULL,
  job_data       BYTEA        NULL,
  PRIMARY KEY (sched_name, trigger_name, trigger_group),
  FOREIGN KEY (sched_name, job_name, job_group)
  REFERENCES watchkeeper.quartz_job_details (sched_name, job_name, job_group)
);

CREATE TABLE watchkeeper.quartz_simple_triggers
(
  sched_name      VARCHAR(120) NOT NULL,
  trigger_name    VARCHAR(200) NOT NULL,
  trigger_group   VARCHAR(200) NOT NULL,
  repeat_count    BIGINT       NOT NULL,
  repeat_interval BIGINT       NOT NULL,
  times_triggered BIGINT       NOT NULL,
  PRIMARY KEY (sched_name, trigger_name, trigger_group),
  FOREIGN KEY (sched_name, trigger_name, trigger_group)
  REFERENCES watchkeeper.quartz_triggers (sched_name, trigger_name, trigger_group)
);

CREATE TABLE watchkeeper.quartz_cron_triggers
(
  sched_name      VARCHAR(120) NOT NULL,
  trigger_name    VARCHAR(200) NOT NULL,
  trigger_group   VARCHAR(200) NOT NULL,
  cron_expression VARCHAR(120) NOT NULL,
  time_zone_id    VARCHAR(80),
  PRIMARY KEY (sched_name, trigger_name, trigger_group),
  FOREIGN KEY (sched_name, trigger_name, trigger_group)
  REFERENCES watchkeeper.quartz_triggers (sched_name, trigger_name, trigger_group)
);

CREATE TABLE watchkeeper.quartz_simprop_triggers
(
  sched_name    VARCHAR(120)   NOT NULL,
  trigger_name  VARCHAR(200)   NOT NULL,
  trigger_group VARCHAR(200)   NOT NULL,
  str_prop_1    VARCHAR(512)   NULL,
  str_prop_2    VARCHAR(512)   NULL,
  str_prop_3    VARCHAR(512)   NULL,
  int_prop_1    INT            NULL,
  int_prop_2    INT            NULL,
  long_prop_1   BIGINT         NULL,
  long_prop_2   BIGINT         NULL,
  dec_prop_1    NUMERIC(13, 4) NULL,
  dec_prop_2    NUMERIC(13, 4) NULL,
  bool_prop_1   BOOL           NULL,
  bool_prop_2   BOOL           NULL,
  PRIMARY KEY (sched_name, trigger_name, trigger_group),
  FOREIGN KEY (sched_name, trigger_name, trigger_group)
  REFERENCES watchkeeper.quartz_triggers (sched_name, trigger_name, trigger_group)
);

CREATE TABLE watchkeeper.quartz_blob_triggers
(
  sched_name    VARCHAR(120) NOT NULL,
  trigger_name  VARCHAR(200) NOT NULL,
  trigger_group VARCHAR(200) NOT NULL,
  blob_data     BYTEA        NULL,
  PRIMARY KEY (sched_name, trigger_name, trigger_group),
  FOREIGN KEY (sched_name, trigger_name, trigger_group)
  REFERENCES watchkeeper.quartz_triggers (sched_name, trigger_name, trigger_group)
);

CREATE TABLE watchkeeper.quartz_calendars
(
  sched_name    VARCHAR(120) NOT NULL,
  calendar_name VARCHAR(200) NOT NULL,
  calendar      BYTEA        NOT NULL,
  PRIMARY KEY (sched_name, calendar_name)
);

CREATE TABLE watchkeeper.quartz_paused_trigger_grps
(
  sched_name    VARCHAR(120) NOT NULL,
  trigger_group VARCHAR(200) NOT NULL,
  PRIMARY KEY (sched_name, trigger_group)
);

CREATE TABLE watchkeeper.quartz_fired_triggers
(
  sched_name        VARCHAR(120) NOT NULL,
  entry_id          VARCHAR(95)  NOT NULL,
  trigger_name      VARCHAR(200) NOT NULL,
  trigger_group     VARCHAR(200) NOT NULL,
  instance_name     VARCHAR(200) NOT NULL,
  fired_time        BIGINT       NOT NULL,
  sched_time        BIGINT       NOT NULL,
  priority          INTEGER      NOT NULL,
  state             VARCHAR(16)  NOT NULL,
  job_name          VARCHAR(200) NULL,
  job_group         VARCHAR(200) NULL,
  is_nonconcurrent  BOOL         NULL,
  requests_recovery BOOL         NULL,
  PRIMARY KEY (sched_name, entry_id)
);

CREATE TABLE watchkeeper.quartz_scheduler_state
(
  sched_name        VARCHAR(120) NOT NULL,
  instance_name     VARCHAR(200) NOT NULL,
  last_checkin_time BIGINT       NOT NULL,
  checkin_interval  BIGINT       NOT NULL,
  PRIMARY KEY (sched_name, instance_name)
);

CREATE TABLE watchkeeper.quartz_locks
(
  sched_name VARCHAR(120) NOT NULL,
  lock_name  VARCHAR(40)  NOT NULL,
  PRIMARY KEY (sched_name, lock_name)
);

CREATE INDEX quartz_idx_j_req_recovery
  ON watchkeeper.quartz_job_details (sched_name, requests_recovery);
CREATE INDEX quartz_idx_j_grp
  ON watchkeeper.quartz_job_details (sched_name, job_group);

CREATE INDEX quartz_idx_t_j
  ON watchkeeper.quartz_triggers (sched_name, job_name, job_group);
CREATE INDEX quartz_idx_t_jg
  ON watchkeeper.quartz_triggers (sched_name, job_group);
CREATE INDEX quartz_idx_t_c
  ON watchkeeper.quartz_triggers (sched_name, calendar_name);
CREATE INDEX quartz_idx_t_g
  ON watchkeeper.quartz_triggers (sched_name, trigger_group);
CREATE INDEX quartz_idx_t_state
  ON watchkeeper.quartz_triggers (sched_name, trigger_state);
CREATE INDEX quartz_idx_t_n_state
  ON watchkeeper.quartz_triggers (sched_name, trigger_name, trigger_group, trigger_state);
CREATE INDEX quartz_idx_t_n_g_state
  ON watchkeeper.quartz_triggers (sched_name, trigger_group, trigger_state);
CREATE INDEX quartz_idx_t_next_fire_time
  ON watchkeeper.quartz_triggers (sched_name, next_fire_time);
CREATE INDEX quartz_idx_t_nft_st
  ON watchkeeper.quartz_triggers (sched_name, trigger_state, next_fire_time);
CREATE INDEX quartz_idx_t_nft_misfire
  ON watchkeeper.quartz_triggers (sched_name, misfire_instr, next_fire_time);
CREATE INDEX quartz_idx_t_nft_st_misfire
  ON watchkeeper.quartz_triggers (sched_name, misfire_instr, next_fire_time, trigger_state);
CREATE INDEX quartz_idx_t_nft_st_misfire_grp
  ON watchkeeper.quartz_triggers (sched_name, misfire_instr, next_fire_time, trigger_group, trigger_state);

CREATE INDEX quartz_idx_ft_trig_inst_name
  ON watchkeeper.quartz_fired_triggers (sched_name, instance_name);
CREATE INDEX quartz_idx_ft_inst_job_req_rcvry
  ON watchkeeper.quartz_fired_triggers (sched_name, instance_name, requests_recovery);
CREATE INDEX quartz_idx_ft_j_g
  ON watchkeeper.quartz_fired_triggers (sched_name, job_name, job_group);
CREATE INDEX quartz_idx_ft_jg
  ON watchkeeper.quartz_fired_triggers (sched_name, job_group);
CREATE INDEX quartz_idx_ft_t_g
  ON watchkeeper.quartz_fired_triggers (sched_name, trigger_name, trigger_group);
CREATE INDEX quartz_idx_ft_tg
  ON watchkeeper.quartz_fired_triggers (sched_name, trigger_group);
