// The alarm of the clock: at which seconds of a day it rings. A register of C0h or more stands for every value ("don't care").

namespace Lguest.Pc.Chips;

/// <summary>Alarm registers 1, 3 and 5.</summary>
/// <param name="memory">The registers of the clock.</param>
/// <param name="control">Register B.</param>
internal readonly struct ClockAlarm(in ClockMemory memory, byte control)
{
    private const int Any = -1;
    private const byte DoNotCare = 0xC0;

    private readonly int _second = memory[1] >= DoNotCare ? Any : ClockFields.Number(memory[1], control);
    private readonly int _minute = memory[3] >= DoNotCare ? Any : ClockFields.Number(memory[3], control);
    private readonly int _hour = memory[5] >= DoNotCare ? Any : ClockFields.HourOf(memory[5], control);

    /// <summary>How long until it rings.</summary>
    /// <param name="secondOfDay">From when on, 0-86,399.</param>
    /// <returns>Seconds, 0 for at once; -1 for never.</returns>
    public int SecondsUntil(int secondOfDay)
    {
        if (_second > 59 || _minute > 59 || _hour > 23)
            return -1;
        int today = FirstFrom(secondOfDay);
        return today >= 0 ? today - secondOfDay : FirstFrom(0) + 86_400 - secondOfDay;
    }

    /// <summary>The first second of a day, not before another, at which it rings; -1 if there is none left.</summary>
    private int FirstFrom(int start)
    {
        for (int hour = start / 3600; hour < 24; hour++)
        {
            if (_hour != Any && _hour != hour)
                continue;
            int from = Math.Max(start - (hour * 3600), 0);
            for (int minute = from / 60; minute < 60; minute++)
            {
                if (_minute != Any && _minute != minute)
                    continue;
                int second = Math.Max(from - (minute * 60), 0);
                if (_second == Any || _second >= second)
                    return (hour * 3600) + (minute * 60) + (_second == Any ? second : _second);
            }
        }

        return -1;
    }
}
