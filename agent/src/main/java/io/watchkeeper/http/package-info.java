/** The API, the live events and the status page, on one port. */
package io.watchkeeper.http;
