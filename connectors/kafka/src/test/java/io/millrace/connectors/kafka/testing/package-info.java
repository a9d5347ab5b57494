/** What the tests of this module have in common. */
package io.millrace.connectors.kafka.testing;
