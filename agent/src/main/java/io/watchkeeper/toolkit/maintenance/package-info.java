/**
 * VACUUM and ANALYZE by need, within a time frame; what keeps VACUUM from removing rows; autovacuum's settings table by table.
 */
package io.watchkeeper.toolkit.maintenance;
