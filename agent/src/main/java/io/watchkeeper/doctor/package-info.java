/** Examines this host: configuration, databases, tools, disks. Changes nothing. */
package io.watchkeeper.doctor;
