/** What the appenders of logging frameworks share; of no other use. */
package io.millrace.client.logging;
