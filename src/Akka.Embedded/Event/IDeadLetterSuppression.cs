// The mark of messages whose loss is nobody's concern.

namespace Akka.Event;

public interface IDeadLetterSuppression
{
}
