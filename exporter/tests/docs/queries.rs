//! A worked query for each metric: what somebody asks, and how that is said in `PromQL`.

/// The metric, the question, the query.
pub(crate) const QUERIES: &[(&str, &str, &str)] = &[
    (
        "leadership_lease_info",
        "How many elections does each library hold?",
        r#"count by (library) (leadership_lease_info{class="election"})"#,
    ),
    (
        "leadership_lease_state",
        "Which locks are overdue or free now?",
        r#"leadership_lease_state{state=~"late|expired|vacant"} == 1"#,
    ),
    (
        "leadership_leaderless",
        "Which elections have no leader now, and for which component?",
        "max by (namespace, lease, component) (leadership_leaderless) == 1",
    ),
    (
        "leadership_leaderless_seconds_total",
        "Which share of the last thirty days did each election have a leader?",
        "1 - increase(leadership_leaderless_seconds_total[30d]) / (30 * 86400)",
    ),
    (
        "leadership_leader_info",
        "How many leaders would go with each node?",
        r#"count by (node) (leadership_leader_info{node!=""})"#,
    ),
    (
        "leadership_leader_note",
        "Which locks are held by somebody who is dead, so that a failover is to come?",
        r#"leadership_leader_note{note=~"orphaned|gone|node_lost"}"#,
    ),
    (
        "leadership_term_start_timestamp_seconds",
        "Who has led for less than an hour, and for how long?",
        "time() - leadership_term_start_timestamp_seconds < 3600",
    ),
    (
        "leadership_last_renew_timestamp_seconds",
        "How old is each leader's last proof of life, as a share of its lease?",
        "(time() - leadership_last_renew_timestamp_seconds) / leadership_lease_duration_seconds",
    ),
    (
        "leadership_lease_expiry_timestamp_seconds",
        "Which claims run out within five seconds unless they are renewed?",
        "leadership_lease_expiry_timestamp_seconds - time() < 5",
    ),
    (
        "leadership_lease_duration_seconds",
        "Which locks are set to more than a minute, so that a crash costs as much?",
        "leadership_lease_duration_seconds > 60",
    ),
    (
        "leadership_renew_interval_seconds",
        "How many renewals may fail in a row before a claim runs out?",
        "floor(leadership_lease_duration_seconds / leadership_renew_interval_seconds) - 1",
    ),
    (
        "leadership_renew_gap_ratio",
        "How many renewals of the last hour came after three quarters of the duration?",
        r#"increase(leadership_renew_gap_ratio_count[1h]) - ignoring (le) increase(leadership_renew_gap_ratio_bucket{le="0.75"}[1h])"#,
    ),
    (
        "leadership_transitions_total",
        "Which elections lost their leaders most often today without a release?",
        r#"topk(10, sum by (namespace, lease) (increase(leadership_transitions_total{end=~"expired|preempted|cleared|deleted"}[1d])))"#,
    ),
    (
        "leadership_missed_transitions_total",
        "Of which elections did we miss something this week?",
        "increase(leadership_missed_transitions_total[7d]) > 0",
    ),
    (
        "leadership_reported_transitions",
        "Where does the lock itself count more than ten changes in a day?",
        "delta(leadership_reported_transitions[1d]) > 10",
    ),
    (
        "leadership_failover_duration_seconds",
        "Within which time were nine of ten changes of leaders of a component over, this month?",
        "histogram_quantile(0.9, sum by (component, le) (increase(leadership_failover_duration_seconds_bucket[30d])))",
    ),
    (
        "leadership_failover_phase_seconds",
        "What do changes of leaders spend their time on?",
        "sum by (phase) (increase(leadership_failover_phase_seconds_sum[7d])) / sum by (phase) (increase(leadership_failover_phase_seconds_count[7d]))",
    ),
    (
        "leadership_last_failover_timestamp_seconds",
        "What changed leaders in the last quarter of an hour?",
        "time() - leadership_last_failover_timestamp_seconds < 900",
    ),
    (
        "leadership_last_failover_duration_seconds",
        "Which newest change took longer than a minute?",
        "leadership_last_failover_duration_seconds > 60",
    ),
    (
        "leadership_failover_predicted_seconds",
        "Which elections would have no leader for more than half a minute after a crash?",
        r#"leadership_failover_predicted_seconds{ending="crash",statistic="worst"} > 30"#,
    ),
    (
        "leadership_anomalies_total",
        "Which locks did something this week that a sound election never does?",
        "sum by (namespace, lease, kind) (increase(leadership_anomalies_total[7d])) > 0",
    ),
    (
        "leadership_overlap_suspected",
        "Where were two leaders possible within the last day?",
        "max_over_time(leadership_overlap_suspected[1d]) == 1",
    ),
    (
        "leadership_holder_clock_offset_seconds",
        "On which nodes of leaders is the clock off by half a second or more?",
        "max by (node) (abs(leadership_holder_clock_offset_seconds) * on (cluster, namespace, lease, lock_kind) group_left (node) leadership_leader_info) > 0.5",
    ),
    (
        "leadership_failovers_total",
        "Why did leaders go this week, where nobody planned it?",
        r#"sum by (cause) (clamp_min(leadership_failovers_total{planned="false"} - (leadership_failovers_total offset 7d or leadership_failovers_total * 0), 0)) > 0"#,
    ),
    (
        "leadership_identity_restarts_total",
        "Which leaders restarted today without losing their lock?",
        "increase(leadership_identity_restarts_total[1d]) > 0",
    ),
    (
        "leadership_requested_handover_seconds",
        "What does a stop cost that somebody asked for, with and without a release?",
        "sum by (released) (increase(leadership_requested_handover_seconds_sum[7d])) / sum by (released) (increase(leadership_requested_handover_seconds_count[7d]))",
    ),
    (
        "leadership_candidates",
        "Which elections have candidates that are not ready?",
        r#"leadership_candidates{condition="not_ready"} > 0"#,
    ),
    (
        "leadership_failure_tolerance",
        "Where would the loss of one pod leave nobody to lead?",
        "leadership_failure_tolerance == 0",
    ),
    (
        "leadership_candidate_nodes",
        "Where would the loss of one node do that, though there are standbys?",
        "leadership_candidate_nodes == 1 and leadership_failure_tolerance > 0",
    ),
    (
        "leadership_candidate_zones",
        "Which elections with standbys are in one zone?",
        "leadership_candidate_zones == 1 and leadership_failure_tolerance > 0",
    ),
    (
        "leadership_desired_replicas",
        "How many candidates are missing?",
        r#"leadership_desired_replicas - on (cluster, namespace, lease, lock_kind) leadership_candidates{condition="ready"} > 0"#,
    ),
    (
        "leadership_control_plane_silent",
        "Did the API server stop taking writes within the last day?",
        "max_over_time(leadership_control_plane_silent[1d]) == 1",
    ),
    ("leadership_watch_up", "What do we not see now?", r"leadership_watch_up == 0"),
    (
        "leadership_watch_lag_seconds",
        "How late do renewals reach us?",
        r#"max_over_time(leadership_watch_lag_seconds{resource="leases"}[1h])"#,
    ),
    (
        "leadership_watch_blind_seconds_total",
        "Which share of the last day did we see leases?",
        r#"1 - increase(leadership_watch_blind_seconds_total{resource="leases"}[1d]) / 86400"#,
    ),
    (
        "leadership_watch_events_total",
        "How many writes of locks does the API server take each second?",
        r#"rate(leadership_watch_events_total{resource="leases",event="applied"}[5m])"#,
    ),
    (
        "leadership_watch_relists_total",
        "How often did we have to read everything again today?",
        "increase(leadership_watch_relists_total[1d]) > 0",
    ),
    (
        "leadership_watch_errors_total",
        "Are there objects that we cannot read?",
        r#"increase(leadership_watch_errors_total{reason="unreadable"}[1h]) > 0"#,
    ),
    (
        "leadership_lookups_total",
        "Where pods are looked up: how many requests does that cost, and do they fail?",
        "sum by (result) (increase(leadership_lookups_total[1h]))",
    ),
    (
        "leadership_watch_encoding_info",
        "Which watches does the API server write in JSON, which costs both sides more?",
        r#"leadership_watch_encoding_info{encoding="json"}"#,
    ),
    (
        "leadership_watch_list_info",
        "Which lists come in pages, though the API server could stream them?",
        r#"leadership_watch_list_info{by="pages"}"#,
    ),
    (
        "leadership_objects",
        "How many pods do we keep in memory?",
        r#"leadership_objects{resource="pods"}"#,
    ),
    (
        "leadership_exporter_refused_requests_total",
        "Does somebody try the door, or has a scraper lost its key?",
        "sum by (reason) (increase(leadership_exporter_refused_requests_total[1h])) > 0",
    ),
    (
        "leadership_exporter_web_config_current",
        "Is there a change to the web config file that could not be used?",
        "leadership_exporter_web_config_current == 0",
    ),
    (
        "leadership_exporter_build_info",
        "Which versions of the exporter run?",
        "count by (version, revision) (leadership_exporter_build_info)",
    ),
    (
        "leadership_elections_cut",
        "How many elections are not published for want of room?",
        "sum without (limit) (leadership_elections_cut)",
    ),
    (
        "process_cpu_seconds_total",
        "Which share of a processor does the exporter take?",
        r#"rate(process_cpu_seconds_total{job="leadership-exporter"}[5m])"#,
    ),
    (
        "process_start_time_seconds",
        "Since when has it run, in hours?",
        r#"(time() - process_start_time_seconds{job="leadership-exporter"}) / 3600"#,
    ),
    (
        "process_resident_memory_bytes",
        "How much memory does one watched object cost?",
        r#"process_resident_memory_bytes{job="leadership-exporter"} / on (instance) sum by (instance) (leadership_objects)"#,
    ),
    (
        "process_virtual_memory_bytes",
        "How much address space does it have?",
        r#"process_virtual_memory_bytes{job="leadership-exporter"}"#,
    ),
    (
        "process_open_fds",
        "Which share of its file descriptors does it use?",
        r#"process_open_fds{job="leadership-exporter"} / process_max_fds"#,
    ),
    ("process_max_fds", "How many may it have?", r#"process_max_fds{job="leadership-exporter"}"#),
    (
        "process_threads",
        "How many threads does it have?",
        r#"process_threads{job="leadership-exporter"}"#,
    ),
];
