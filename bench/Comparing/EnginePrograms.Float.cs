// Those of the loops that compute with numbers that have a point, and those that compute with several small ones at once.

using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Comparing;

/// <content>Loops for x87, SSE and MMX.</content>
internal static partial class EnginePrograms
{
    private const int Side = 16;
    private const int RowBytes = Side * sizeof(double);
    private const int SquareBytes = Side * RowBytes;

    /// <summary>A product of two matrices, the sum of a row on top of the stack.</summary>
    private static void MatrixX87(Assembler a)
    {
        Squares(a);
        a.mov(esi, Buffer);
        a.mov(ebp, Second);
        Repeat(a, Side, () =>
        {
            a.mov(edi, Buffer + SquareBytes);
            for (int column = 0; column < Side; column++)
            {
                a.fldz();
                for (int k = 0; k < Side; k++)
                {
                    a.fld(__qword_ptr[esi + (k * sizeof(double))]);
                    a.fmul(__qword_ptr[edi + (k * RowBytes)]);
                    a.faddp(st1, st0);
                }

                a.fstp(__qword_ptr[ebp]);
                a.add(edi, sizeof(double));
                a.add(ebp, sizeof(double));
            }

            a.add(esi, RowBytes);
        });
        a.fld(__qword_ptr[ebp - 40]);
        ToResult(a);
    }

    private static void MatrixSse(Assembler a)
    {
        Squares(a);
        a.mov(esi, Buffer);
        a.mov(ebp, Second);
        Repeat(a, Side, () =>
        {
            a.mov(edi, Buffer + SquareBytes);
            for (int column = 0; column < Side; column++)
            {
                a.xorpd(xmm0, xmm0);
                for (int k = 0; k < Side; k++)
                {
                    a.movsd(xmm1, __qword_ptr[esi + (k * sizeof(double))]);
                    a.mulsd(xmm1, __qword_ptr[edi + (k * RowBytes)]);
                    a.addsd(xmm0, xmm1);
                }

                a.movsd(__qword_ptr[ebp], xmm0);
                a.add(edi, sizeof(double));
                a.add(ebp, sizeof(double));
            }

            a.add(esi, RowBytes);
        });
        a.cvttsd2si(eax, __qword_ptr[ebp - 40]);
    }

    /// <summary>z := z² + c until |z|² is above 4, with nothing in memory.</summary>
    private static void Mandelbrot(Assembler a)
    {
        Label next = a.CreateLabel(), out_ = a.CreateLabel();
        a.mov(ebx, Buffer);
        a.mov(__dword_ptr[ebx], 4);
        a.mov(edx, 0);
        a.mov(esi, -100);
        a.fild(__dword_ptr[ebx]);
        Repeat(a, 150, () =>
        {
            next = a.CreateLabel();
            out_ = a.CreateLabel();
            a.mov(__dword_ptr[ebx + 4], esi);
            a.mov(__dword_ptr[ebx + 8], 90);
            a.fild(__dword_ptr[ebx + 4]);
            a.fidiv(__dword_ptr[ebx + 8]); // c, of which the imaginary part is a third
            a.fldz();
            a.fldz(); // y x c 4
            a.mov(edi, 60);
            a.Label(ref next);
            a.fld(st1);
            a.fmul(st0, st0);
            a.fld(st1);
            a.fmul(st0, st0); // y² x² y x c 4
            a.fld(st1);
            a.fadd(st0, st1);
            a.fcomip(st0, st6);
            a.ja(out_);
            a.fsubp(st1, st0);
            a.fadd(st0, st3); // x' y x c 4
            a.fxch(st0, st2);
            a.fmulp(st1, st0);
            a.fadd(st0, st0); // 2xy x' c 4
            a.fld1();
            a.fmul(st0, st3);
            a.faddp(st1, st0);
            a.inc(edx);
            a.dec(edi);
            a.jne(next);
            a.fldz();
            a.fldz();
            a.Label(ref out_);
            for (int i = 0; i < 5; i++)
                a.fstp(st0);
            a.inc(esi);
        });
        a.fstp(st0);
        a.mov(eax, edx);
    }

    /// <summary>Forces between points, as of stars: roots and quotients.</summary>
    private static void Bodies(Assembler a)
    {
        Squares(a);
        a.fldz();
        a.mov(esi, Buffer);
        Repeat(a, 240, () =>
        {
            a.fld(__qword_ptr[esi]);
            a.fsub(__qword_ptr[esi + 24]);
            a.fld(__qword_ptr[esi + 8]);
            a.fsub(__qword_ptr[esi + 40]);
            a.fld(st1);
            a.fmul(st0, st0);
            a.fld(st1);
            a.fmul(st0, st0);
            a.faddp(st1, st0);
            a.fld1();
            a.faddp(st1, st0);
            a.fld(st0);
            a.fsqrt();
            a.fmulp(st1, st0);
            a.fdivp(st1, st0);
            a.faddp(st1, st0);
            a.faddp(st1, st0);
            a.add(esi, sizeof(double));
        });
        ToResult(a);
    }

    /// <summary>Numbers made whole the way C asks for it: rounding is switched over and back for each.</summary>
    private static void Truncation(Assembler a)
    {
        Squares(a);
        a.mov(esi, Buffer);
        a.mov(ebx, Second);
        a.mov(eax, 0);
        a.fnstcw(__word_ptr[ebx]);
        Repeat(a, 240, () =>
        {
            a.fld(__qword_ptr[esi]);
            a.movzx(edx, __word_ptr[ebx]);
            a.or(edx, 0xc00);
            a.mov(__word_ptr[ebx + 2], dx);
            a.fldcw(__word_ptr[ebx + 2]);
            a.fistp(__dword_ptr[ebx + 4]);
            a.fldcw(__word_ptr[ebx]);
            a.add(eax, __dword_ptr[ebx + 4]);
            a.add(esi, sizeof(double));
        });
    }

    /// <summary>Four single numbers at a time.</summary>
    private static void Vectors(Assembler a)
    {
        a.mov(esi, Buffer);
        a.mov(eax, 3);
        Repeat(a, 512, () =>
        {
            a.imul(eax, eax, 0x343fd);
            a.add(eax, 0x269ec3);
            a.movzx(edx, ax);
            a.cvtsi2ss(xmm0, edx);
            a.shufps(xmm0, xmm0, 0);
            a.movaps(__xmmword_ptr[esi], xmm0);
            a.add(esi, 16);
        });
        a.xorps(xmm2, xmm2);
        for (int turn = 0; turn < 4; turn++)
        {
            a.mov(esi, Buffer);
            Repeat(a, 500, () =>
            {
                a.movaps(xmm0, __xmmword_ptr[esi]);
                a.movaps(xmm1, __xmmword_ptr[esi + 16]);
                a.subps(xmm1, xmm0);
                a.mulps(xmm1, __xmmword_ptr[esi + 32]);
                a.minps(xmm1, __xmmword_ptr[esi + 48]);
                a.addps(xmm2, xmm1);
                a.movaps(__xmmword_ptr[esi + 0x10000], xmm2);
                a.add(esi, 16);
            });
        }

        a.cvtss2sd(xmm2, xmm2);
        a.movd(eax, xmm2);
    }

    /// <summary>Two pictures laid over each other, eight bytes at a time.</summary>
    private static void Pixels(Assembler a)
    {
        a.mov(esi, Buffer);
        a.mov(eax, 3);
        Repeat(a, 2048, () =>
        {
            a.imul(eax, eax, 0x343fd);
            a.add(eax, 0x269ec3);
            a.mov(__dword_ptr[esi], eax);
            a.add(esi, 4);
        });
        a.pxor(mm7, mm7);
        a.pxor(mm6, mm6);
        a.mov(esi, Buffer);
        Repeat(a, 512, () =>
        {
            a.movq(mm0, __qword_ptr[esi]);
            a.movq(mm1, __qword_ptr[esi + 4096]);
            a.movq(mm2, mm0);
            a.paddusb(mm0, mm1);
            a.pavgb(mm2, mm1);
            a.movq(__qword_ptr[esi + 0x10000], mm0);
            a.punpcklbw(mm1, mm7);
            a.pmaddwd(mm1, mm1);
            a.paddd(mm6, mm1);
            a.psadbw(mm2, mm0);
            a.paddd(mm6, mm2);
            a.add(esi, 8);
        });
        a.movd(eax, mm6);
        a.emms();
    }

    /// <summary>Two squares of numbers between -2 and 2.</summary>
    private static void Squares(Assembler a)
    {
        a.mov(esi, Buffer);
        a.mov(ebx, Second);
        a.mov(__dword_ptr[ebx], 16384);
        a.mov(eax, 3);
        Repeat(a, 2 * Side * Side, () =>
        {
            a.imul(eax, eax, 0x343fd);
            a.add(eax, 0x269ec3);
            a.mov(__dword_ptr[ebx + 4], eax);
            a.fild(__word_ptr[ebx + 5]);
            a.fidiv(__dword_ptr[ebx]);
            a.fstp(__qword_ptr[esi]);
            a.add(esi, sizeof(double));
        });
    }

    /// <summary>Some bits of the number on top of the stack.</summary>
    private static void ToResult(Assembler a)
    {
        a.mov(ebx, Second);
        a.fstp(__qword_ptr[ebx]);
        a.mov(eax, __dword_ptr[ebx + 2]);
    }
}
