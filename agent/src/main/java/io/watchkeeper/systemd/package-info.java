/** How the agent talks with systemd: ready, status, stopping, and the watchdog's heartbeat. */
package io.watchkeeper.systemd;
