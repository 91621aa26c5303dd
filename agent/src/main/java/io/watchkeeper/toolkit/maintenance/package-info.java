/** VACUUM and ANALYZE, table by table. */
package io.watchkeeper.toolkit.maintenance;
