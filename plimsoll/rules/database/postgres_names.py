"""The settings that PostgreSQL knows, by pg_settings of version 15, and those that came later or went."""

from __future__ import annotations

from collections.abc import Mapping

_KNOWN = """
datestyle:s intervalstyle:e timezone:s allow_in_place_tablespaces:b allow_system_table_mods:b application_name:s
archive_cleanup_command:s archive_command:s archive_library:s archive_mode:e archive_timeout:i:s array_nulls:b
authentication_timeout:i:s autovacuum:b autovacuum_analyze_scale_factor:r autovacuum_analyze_threshold:i
autovacuum_freeze_max_age:i autovacuum_max_workers:i autovacuum_multixact_freeze_max_age:i autovacuum_naptime:i:s
autovacuum_vacuum_cost_delay:r:ms autovacuum_vacuum_cost_limit:i autovacuum_vacuum_insert_scale_factor:r
autovacuum_vacuum_insert_threshold:i autovacuum_vacuum_scale_factor:r autovacuum_vacuum_threshold:i
autovacuum_work_mem:i:kB backend_flush_after:i:8kB backslash_quote:e backtrace_functions:s bgwriter_delay:i:ms
bgwriter_flush_after:i:8kB bgwriter_lru_maxpages:i bgwriter_lru_multiplier:r block_size:i bonjour:b bonjour_name:s
bytea_output:e check_function_bodies:b checkpoint_completion_target:r checkpoint_flush_after:i:8kB
checkpoint_timeout:i:s checkpoint_warning:i:s client_connection_check_interval:i:ms client_encoding:s
client_min_messages:e cluster_name:s commit_delay:i commit_siblings:i composite_type_mismatch:e compute_query_id:e
config_file:s constraint_exclusion:e cpu_index_tuple_cost:r cpu_operator_cost:r cpu_tuple_cost:r
cursor_tuple_fraction:r data_checksums:b data_directory:s data_directory_mode:i data_sync_retry:b
db_user_namespace:b deadlock_timeout:i:ms debug_assertions:b debug_discard_caches:i debug_pretty_print:b
debug_print_parse:b debug_print_plan:b debug_print_rewritten:b default_statistics_target:i
default_table_access_method:s default_tablespace:s default_text_search_config:s default_toast_compression:e
default_transaction_deferrable:b default_transaction_isolation:e default_transaction_read_only:b
dynamic_library_path:s dynamic_shared_memory_type:e effective_cache_size:i:8kB effective_io_concurrency:i
enable_async_append:b enable_bitmapscan:b enable_gathermerge:b enable_hashagg:b enable_hashjoin:b
enable_incremental_sort:b enable_indexonlyscan:b enable_indexscan:b enable_material:b enable_memoize:b
enable_mergejoin:b enable_nestloop:b enable_parallel_append:b enable_parallel_hash:b enable_partition_pruning:b
enable_partitionwise_aggregate:b enable_partitionwise_join:b enable_seqscan:b enable_sort:b enable_tidscan:b
escape_string_warning:b event_source:s exit_on_error:b extension_destdir:s external_pid_file:s extra_float_digits:i
force_parallel_mode:e from_collapse_limit:i fsync:b full_page_writes:b geqo:b geqo_effort:i geqo_generations:i
geqo_pool_size:i geqo_seed:r geqo_selection_bias:r geqo_threshold:i gin_fuzzy_search_limit:i
gin_pending_list_limit:i:kB hash_mem_multiplier:r hba_file:s hot_standby:b hot_standby_feedback:b
huge_page_size:i:kB huge_pages:e ident_file:s idle_in_transaction_session_timeout:i:ms idle_session_timeout:i:ms
ignore_checksum_failure:b ignore_invalid_pages:b ignore_system_indexes:b in_hot_standby:b integer_datetimes:b jit:b
jit_above_cost:r jit_debugging_support:b jit_dump_bitcode:b jit_expressions:b jit_inline_above_cost:r
jit_optimize_above_cost:r jit_profiling_support:b jit_provider:s jit_tuple_deforming:b join_collapse_limit:i
krb_caseins_users:b krb_server_keyfile:s lc_collate:s lc_ctype:s lc_messages:s lc_monetary:s lc_numeric:s lc_time:s
listen_addresses:s lo_compat_privileges:b local_preload_libraries:s lock_timeout:i:ms
log_autovacuum_min_duration:i:ms log_checkpoints:b log_connections:b log_destination:s log_directory:s
log_disconnections:b log_duration:b log_error_verbosity:e log_executor_stats:b log_file_mode:i log_filename:s
log_hostname:b log_line_prefix:s log_lock_waits:b log_min_duration_sample:i:ms log_min_duration_statement:i:ms
log_min_error_statement:e log_min_messages:e log_parameter_max_length:i:B log_parameter_max_length_on_error:i:B
log_parser_stats:b log_planner_stats:b log_recovery_conflict_waits:b log_replication_commands:b
log_rotation_age:i:min log_rotation_size:i:kB log_startup_progress_interval:i:ms log_statement:e
log_statement_sample_rate:r log_statement_stats:b log_temp_files:i:kB log_timezone:s log_transaction_sample_rate:r
log_truncate_on_rotation:b logging_collector:b logical_decoding_work_mem:i:kB maintenance_io_concurrency:i
maintenance_work_mem:i:kB max_connections:i max_files_per_process:i max_function_args:i max_identifier_length:i
max_index_keys:i max_locks_per_transaction:i max_logical_replication_workers:i max_parallel_maintenance_workers:i
max_parallel_workers:i max_parallel_workers_per_gather:i max_pred_locks_per_page:i max_pred_locks_per_relation:i
max_pred_locks_per_transaction:i max_prepared_transactions:i max_replication_slots:i max_slot_wal_keep_size:i:MB
max_stack_depth:i:kB max_standby_archive_delay:i:ms max_standby_streaming_delay:i:ms
max_sync_workers_per_subscription:i max_wal_senders:i max_wal_size:i:MB max_worker_processes:i
min_dynamic_shared_memory:i:MB min_parallel_index_scan_size:i:8kB min_parallel_table_scan_size:i:8kB
min_wal_size:i:MB old_snapshot_threshold:i:min output_plugin_libraries:s parallel_leader_participation:b
parallel_setup_cost:r parallel_tuple_cost:r password_encryption:e plan_cache_mode:e port:i post_auth_delay:i:s
pre_auth_delay:i:s primary_conninfo:s primary_slot_name:s promote_trigger_file:s quote_all_identifiers:b
random_page_cost:r recovery_end_command:s recovery_init_sync_method:e recovery_min_apply_delay:i:ms
recovery_prefetch:e recovery_target:s recovery_target_action:e recovery_target_inclusive:b recovery_target_lsn:s
recovery_target_name:s recovery_target_time:s recovery_target_timeline:s recovery_target_xid:s
recursive_worktable_factor:r remove_temp_files_after_crash:b restart_after_crash:b restore_command:s
restrict_nonsystem_relation_kind:s row_security:b search_path:s segment_size:i:8kB seq_page_cost:r server_encoding:s
server_version:s server_version_num:i session_preload_libraries:s session_replication_role:e shared_buffers:i:8kB
shared_memory_size:i:MB shared_memory_size_in_huge_pages:i shared_memory_type:e shared_preload_libraries:s ssl:b
ssl_ca_file:s ssl_cert_file:s ssl_ciphers:s ssl_crl_dir:s ssl_crl_file:s ssl_dh_params_file:s ssl_ecdh_curve:s
ssl_key_file:s ssl_library:s ssl_max_protocol_version:e ssl_min_protocol_version:e ssl_passphrase_command:s
ssl_passphrase_command_supports_reload:b ssl_prefer_server_ciphers:b standard_conforming_strings:b
statement_timeout:i:ms stats_fetch_consistency:e superuser_reserved_connections:i synchronize_seqscans:b
synchronous_commit:e synchronous_standby_names:s syslog_facility:e syslog_ident:s syslog_sequence_numbers:b
syslog_split_messages:b tcp_keepalives_count:i tcp_keepalives_idle:i:s tcp_keepalives_interval:i:s
tcp_user_timeout:i:ms temp_buffers:i:8kB temp_file_limit:i:kB temp_tablespaces:s timezone_abbreviations:s
trace_notify:b trace_recovery_messages:e trace_sort:b track_activities:b track_activity_query_size:i:B
track_commit_timestamp:b track_counts:b track_functions:e track_io_timing:b track_wal_io_timing:b
transaction_deferrable:b transaction_isolation:e transaction_read_only:b transform_null_equals:b
unix_socket_directories:s unix_socket_group:s unix_socket_permissions:i update_process_title:b
vacuum_cost_delay:r:ms vacuum_cost_limit:i vacuum_cost_page_dirty:i vacuum_cost_page_hit:i vacuum_cost_page_miss:i
vacuum_defer_cleanup_age:i vacuum_failsafe_age:i vacuum_freeze_min_age:i vacuum_freeze_table_age:i
vacuum_multixact_failsafe_age:i vacuum_multixact_freeze_min_age:i vacuum_multixact_freeze_table_age:i
wal_block_size:i wal_buffers:i:8kB wal_compression:e wal_consistency_checking:s wal_decode_buffer_size:i:B
wal_init_zero:b wal_keep_size:i:MB wal_level:e wal_log_hints:b wal_receiver_create_temp_slot:b
wal_receiver_status_interval:i:s wal_receiver_timeout:i:ms wal_recycle:b wal_retrieve_retry_interval:i:ms
wal_segment_size:i:B wal_sender_timeout:i:ms wal_skip_threshold:i:kB wal_sync_method:e wal_writer_delay:i:ms
wal_writer_flush_after:i:8kB work_mem:i:kB xmlbinary:e xmloption:e zero_damaged_pages:b
"""
"""name:type[:unit], the type being b(oolean), e(num), i(nteger), r(eal), s(tring)."""

LATER = frozenset(
    [
        "allow_alter_system",
        "commit_timestamp_buffers",
        "createrole_self_grant",
        "debug_io_direct",
        "debug_logical_replication_streaming",
        "debug_parallel_query",
        "enable_group_by_reordering",
        "enable_presorted_aggregate",
        "event_triggers",
        "gss_accept_delegation",
        "huge_pages_status",
        "icu_validation_level",
        "io_combine_limit",
        "max_parallel_apply_workers_per_subscription",
        "multixact_member_buffers",
        "multixact_offset_buffers",
        "notify_buffers",
        "reserved_connections",
        "restrict_nonsystem_relation_kind",
        "scram_iterations",
        "send_abort_for_crash",
        "send_abort_for_kill",
        "serializable_buffers",
        "ssl_groups",
        "subtransaction_buffers",
        "summarize_wal",
        "sync_replication_slots",
        "synchronized_standby_slots",
        "trace_connection_negotiation",
        "transaction_buffers",
        "transaction_timeout",
        "vacuum_buffer_usage_limit",
        "wal_summary_keep_time",
        "autovacuum_vacuum_max_threshold",
        "autovacuum_worker_slots",
        "enable_distinct_reordering",
        "enable_self_join_elimination",
        "extension_control_path",
        "file_copy_method",
        "file_extend_method",
        "idle_replication_slot_timeout",
        "io_max_combine_limit",
        "io_max_concurrency",
        "io_method",
        "io_workers",
        "log_lock_failures",
        "max_active_replication_origins",
        "md5_password_warnings",
        "num_os_semaphores",
        "oauth_validator_libraries",
        "ssl_tls13_ciphers",
        "track_cost_delay_timing",
        "vacuum_max_eager_freeze_failure_rate",
        "vacuum_truncate",
    ]
)
"""Added by versions 16 to 18 (release notes, appendix E)."""

GONE: Mapping[str, str] = {
    "checkpoint_segments": "gone since PostgreSQL 9.5: use max_wal_size",
    "wal_keep_segments": "gone since PostgreSQL 13: use wal_keep_size",
    "operator_precedence_warning": "gone since PostgreSQL 14",
    "vacuum_cleanup_index_scale_factor": "gone since PostgreSQL 14",
    "standby_mode": "gone since PostgreSQL 12: an empty file standby.signal says it",
    "trigger_file": "gone since PostgreSQL 12: use promote_trigger_file, or pg_promote()",
    "promote_trigger_file": "gone since PostgreSQL 16: use pg_promote()",
    "stats_temp_directory": "gone since PostgreSQL 15",
    "force_parallel_mode": "called debug_parallel_query since PostgreSQL 16",
    "vacuum_defer_cleanup_age": "gone since PostgreSQL 16",
    "old_snapshot_threshold": "gone since PostgreSQL 17",
    "trace_recovery_messages": "gone since PostgreSQL 17",
    "db_user_namespace": "gone since PostgreSQL 17",
    "unix_socket_directory": "gone since PostgreSQL 9.3: use unix_socket_directories",
}
"""Settings that servers of today refuse to start with, and what says the same."""

KNOWN: Mapping[str, tuple[str, str]] = {
    name: (kind, unit) for each in _KNOWN.split() for name, kind, unit in [(*each.split(":"), "")[:3]]
}
"""The type and the unit of each setting."""
