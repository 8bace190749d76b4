// A promise that can be taken back. Whoever schedules something gets one of these.

namespace Akka.Actor;

public interface ICancelable
{
    bool IsCancellationRequested { get; }
    CancellationToken Token { get; }
    void Cancel();
    void CancelAfter(TimeSpan delay);
    void CancelAfter(int millisecondsDelay);
    void Cancel(bool throwOnFirstException);
}

public static class CancelableExtensions
{
    public static void CancelIfNotNull(this ICancelable cancelable) => cancelable?.Cancel();
}
